import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { instances } from '../resources/instances.js'
import type { NamedDatabase } from './config.js'
import type { Environment } from './context.js'
import { exitCode } from './exit-code.js'
import { addFilter, type FilterArguments } from './filter.js'
import { type FormatName, formats } from './format.js'
import { DOCTOR_HELP, LIST_HELP } from './help.js'
import { type ResourceName, resources } from './resources.js'

/** Which databases. */
export interface DatabaseArguments {
  readonly apiDb?: string
  readonly cell?: readonly NamedDatabase[]
}

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
  const withDatabase = <A extends DatabaseArguments>(given: A, command: Command): A => {
    const apiDb = given.apiDb ?? (given.cell === undefined ? env.CROSSCELL_API_DB : undefined)
    if (!apiDb && given.cell === undefined)
      command.error('error: no database: give --api-db, CROSSCELL_API_DB or --cell')
    return apiDb === undefined ? given : { ...given, apiDb }
  }
  listCommand(program).action((given: ListArguments, command: Command) => {
    work = { list: withDatabase(given, command) }
  })
  doctorCommand(program).action((given: DoctorArguments, command: Command) => {
    work = { doctor: withDatabase(given, command) }
  })
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const exit = error.exitCode === 0 ? exitCode.complete : exitCode.usage
    return { exit, stdout: said.stdout, stderr: withoutSecrets(said.stderr, argv) }
  }
  return work!
}

const HELP_WIDTH = 100

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version

/** A command over some databases. */
const commandOf = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .addOption(
      new Option('--api-db <url>', 'the API database, whose cell mappings name the cells').conflicts('cell'),
    )
    .option('--cell <name=url>', 'one cell, where there is no API database; repeatable', addCell)
    .allowExcessArguments(false)
    .showHelpAfterError(`(crosscell ${name} --help shows what there is)`)

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

// A name may not look like a part of a URL: who forgets the name would have a piece of the password for one.
const CELL = /^(?<name>[^=:@/]+)=(?<url>.+)$/s

const addCell = (text: string, before: readonly NamedDatabase[] = []): NamedDatabase[] => {
  const cell = CELL.exec(text)?.groups as { name: string; url: string } | undefined
  if (cell === undefined) throw new InvalidArgumentError('It must be NAME=URL.')
  return [...before, { name: cell.name, database: cell.url }]
}

/** commander quotes what it does not understand, and a mistyped option may have had a password in its value. */
const withoutSecrets = (text: string, argv: readonly string[]): string =>
  argv
    .map(argument => (argument.startsWith('-') ? argument.slice(argument.indexOf('=') + 1) : argument))
    .filter(value => /:\/\/|@/.test(value))
    .reduce((shown, value) => shown.replaceAll(value, '…'), text)
