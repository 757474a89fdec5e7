import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Environment } from '../context.js'
import { commandOf, type DatabaseArguments, withDatabase } from '../database-arguments.js'
import { INDEX_HELP, RUN_HELP, VERIFY_HELP } from './help.js'

/** A bus as `--rabbitmq` names it. */
export interface NamedBus {
  readonly cell: string | undefined
  readonly url: string
}

/** What `crosscell index` was told. Numbers are as they were written: the library checks them. */
export interface IndexArguments extends DatabaseArguments {
  readonly index?: string
  readonly opensearch?: readonly string[]
  readonly prefix?: string
  readonly statementTimeout?: string
  readonly json?: true
  readonly rabbitmq?: readonly NamedBus[]
  readonly exchange?: string
  readonly topics?: readonly string[]
  readonly queue?: string
  readonly drain?: true
  readonly pollInterval?: string
  readonly overlap?: string
  readonly sidePollInterval?: string
  readonly sweepInterval?: string
  readonly share?: string
  readonly repairRate?: string
  readonly removalShare?: string
  readonly check?: true
  readonly remove?: true
}

/** What is to be done to an index. */
export type IndexVerb = 'run' | 'rebuild' | 'verify' | 'status' | 'rollback'

export interface IndexWork {
  readonly verb: IndexVerb
  readonly args: IndexArguments
}

/** Adds `crosscell index` and what it has. */
export const indexCommands = (program: Command, env: Environment, told: (work: IndexWork) => void): void => {
  const index = program.command('index').description('Fill a search index, and keep it true.')
  for (const [verb, { description, help, options }] of Object.entries(VERBS) as [IndexVerb, Verb][]) {
    const command = options(ofIndex(commandOf(index, verb, description)))
    command.addHelpText('after', help + INDEX_HELP).action((given: IndexArguments) => {
      if (given.index === undefined && given.opensearch === undefined)
        command.error('error: no index: give --index, CROSSCELL_INDEX, --opensearch or CROSSCELL_OPENSEARCH')
      told({ verb, args: withDatabase(given, command, env) })
    })
  }
}

interface Verb {
  readonly description: string
  readonly help: string
  readonly options: (command: Command) => Command
}

const ofIndex = (command: Command): Command =>
  command
    .addOption(new Option('--index <path>', 'the embedded index: a file on this host').conflicts('opensearch'))
    .option('--opensearch <url>', 'the index in OpenSearch: a node of it; repeatable', addNode)
    .option('--prefix <name>', 'what its names in OpenSearch begin with (default: crosscell)')
    .option('--statement-timeout <ms>', 'for one statement, on the server (default: 60000)')
    .option('--json', 'one JSON object per line, for programs')
    .option('--config <file>', 'options out of a file, NAME = VALUE in each line')

const ofRepair = (command: Command): Command =>
  command.option(
    '--repair-rate <n>',
    'records of a cell that are read again in a second, to mend what a comparison found (default: 2000)',
  )

const same = (command: Command): Command => command

const VERBS: Readonly<Record<IndexVerb, Verb>> = {
  run: {
    description: 'Keep the index true until told to stop; fill it first where it is empty.',
    help: RUN_HELP,
    options: command =>
      ofRepair(command)
        .option('--rabbitmq <[cell=]url>', 'a bus that Nova notifies; repeatable', addBus)
        .option('--exchange <name>', 'the exchange there (default: nova)')
        .option(
          '--topics <names>',
          'of the notifications, comma-separated (default: versioned_notifications)',
          names,
        )
        .option('--queue <name>', 'the queue that is made there (default: crosscell)')
        .option('--drain', 'empty the queues that publishers declare there and nobody reads')
        .option('--poll-interval <ms>', 'between two looks for what was written (default: 1000)')
        .option('--overlap <ms>', 'how long transactions may be open (default: 60000)')
        .option('--side-poll-interval <ms>', 'between two looks into each side table (default: 10000)')
        .option('--sweep-interval <ms>', 'between two comparisons of everything (default: 600000)')
        .option('--share <part>', 'of the time that looks into whole tables may take (default: 0.05)')
        .option(
          '--removal-share <part>',
          'of the documents of a cell that may go in an hour unasked (default: 0.1)',
        ),
  },
  rebuild: {
    description: 'Make a new generation beside the one that answers, compare it, and switch to it.',
    help: '',
    options: same,
  },
  verify: {
    description: 'Compare everything with the cells now, and mend what differs.',
    help: VERIFY_HELP,
    options: command =>
      ofRepair(command)
        .addOption(new Option('--check', 'look only').conflicts('remove'))
        .option('--remove', 'take away whatever is gone, however much it is: somebody has looked'),
  },
  status: { description: 'Say how true the index is of each cell.', help: '', options: same },
  rollback: { description: 'Go back to the generation before the last rebuild.', help: '', options: same },
}

const names = (text: string, before: readonly string[] = []): string[] => [...before, ...text.split(',')]

// As with cells: a name is no part of a URL.
const BUS = /^(?:(?<cell>[^=:@/]+)=)?(?<url>.+)$/s

const addBus = (text: string, before: readonly NamedBus[] = []): NamedBus[] => {
  const bus = BUS.exec(text)?.groups
  if (bus === undefined) throw new InvalidArgumentError('It must be URL or CELL=URL.')
  return [...before, { cell: bus.cell, url: bus.url! }]
}

const addNode = (text: string, before: readonly string[] = []): string[] => {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It must be http://… or https://….')
  return [...before, text]
}
