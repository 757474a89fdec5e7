import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { instances } from '../resources/instances.js'
import type { Environment } from './context.js'
import { commandOf, type DatabaseArguments, withDatabase } from './database-arguments.js'
import { exitCode } from './exit-code.js'
import { addFilter, type FilterArguments } from './filter.js'
import { type FormatName, formats } from './format.js'
import { DOCTOR_HELP, LIST_HELP } from './help.js'
import { type IndexWork, indexCommands } from './indexing/arguments.js'
import { withSettings } from './indexing/config-file.js'
import { type ResourceName, resources } from './resources.js'

/** What `crosscell list` was told. Numbers and names are as they were written: the library checks them. */
export interface ListArguments extends DatabaseArguments {
  readonly project?: string
  readonly user?: string
  readonly sort?: readonly string[]
  readonly filter?: FilterArguments
  readonly fields?: readonly string[]
  readonly limit?: string
  readonly marker?: string
  readonly cursor?: string
  readonly format: FormatName
  readonly all?: true
  readonly deadline?: string
  readonly downCells?: 'omit' | 'stub' | 'fail'
}

/** What `crosscell doctor` was told. */
export interface DoctorArguments extends DatabaseArguments {
  readonly resource: ResourceName
  readonly format: 'table' | 'json'
  readonly deadline?: string
}

/** Arguments to work with, or all there is to say about them. */
export type Parsed =
  | { readonly list: ListArguments }
  | { readonly doctor: DoctorArguments }
  | { readonly indexing: IndexWork }
  | { readonly exit: number; readonly stdout: string; readonly stderr: string }

/** Reads the arguments behind the command's name. */
export const parseArguments = (argv: readonly string[], env: Environment): Parsed => {
  const said = { stdout: '', stderr: '' }
  let work: Exclude<Parsed, { readonly exit: number }> | undefined
  const program = new Command('crosscell')
    .description('Lists the instances of a cloud whose records are spread over many cell databases.')
    .version(version())
    .configureOutput({
      writeOut: text => {
        said.stdout += text
      },
      writeErr: text => {
        said.stderr += text
      },
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .exitOverride()
  listCommand(program).action((given: ListArguments, command: Command) => {
    work = { list: withDatabase(given, command, env) }
  })
  doctorCommand(program).action((given: DoctorArguments, command: Command) => {
    work = { doctor: withDatabase(given, command, env) }
  })
  indexCommands(program, env, indexing => {
    work = { indexing }
  })
  let all = argv
  try {
    all = withSettings(program, argv, env)
    program.parse(all, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const exit = error.exitCode === 0 ? exitCode.complete : exitCode.usage
    return { exit, stdout: said.stdout, stderr: withoutSecrets(said.stderr, all) }
  }
  return work!
}

const HELP_WIDTH = 100

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version

const listCommand = (program: Command): Command =>
  commandOf(program, 'list', 'List instances in one order over all cells.')
    .addOption(new Option('--project <id>', 'only this project (default: all there are)').conflicts('user'))
    .option('--user <id>', 'only this user')
    .option('--sort <keys>', 'key[:asc|desc],…; repeatable (default: created_at:desc,id:desc)', addNames)
    .option('--filter <term>', 'see below; repeatable', (text, before?: FilterArguments) =>
      addFilter(instances, before ?? {}, text),
    )
    .option('--fields <names>', 'the columns to show, comma-separated; repeatable', addNames)
    .option('--limit <n>', 'rows on the page, at most 1000 (default: 100)')
    .option('--marker <uuid>', 'start behind this instance')
    .option('--cursor <cursor>', 'start where a page of the same query ended')
    .addOption(new Option('--format <format>', 'how to print').choices(Object.keys(formats)).default('table'))
    .addOption(new Option('--all', 'every row, streamed, in bounded memory').conflicts('limit'))
    .option('--deadline <ms>', 'for the page, or for each step of --all (default: 10000)')
    .addOption(
      new Option(
        '--down-cells <policy>',
        'what to do without a cell that is down: leave its rows out, show what the instance mappings know of them, or fail (default: omit, with --all fail)',
      ).choices(['omit', 'stub', 'fail']),
    )
    .addHelpText('after', LIST_HELP)

const doctorCommand = (program: Command): Command =>
  commandOf(
    program,
    'doctor',
    'Show which sort keys the cells read off an index, and the indexes that are missing.',
  )
    .addOption(
      new Option('--resource <name>', 'whose sort keys').choices(Object.keys(resources)).default('instances'),
    )
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'))
    .option('--deadline <ms>', 'for each sort key (default: 10000)')
    .addHelpText('after', DOCTOR_HELP)

const addNames = (text: string, before: readonly string[] = []): string[] => [...before, ...text.split(',')]

/** commander quotes what it does not understand, and a mistyped option may have had a password in its value. */
const withoutSecrets = (text: string, argv: readonly string[]): string =>
  argv
    .map(argument => (argument.startsWith('-') ? argument.slice(argument.indexOf('=') + 1) : argument))
    .filter(value => /:\/\/|@/.test(value))
    .reduce((shown, value) => shown.replaceAll(value, '…'), text)
