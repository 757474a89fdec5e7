import { type Command, InvalidArgumentError, Option } from 'commander'
import type { NamedDatabase } from './config.js'
import type { Environment } from './context.js'

/** Which databases. */
export interface DatabaseArguments {
  readonly apiDb?: string
  readonly cell?: readonly NamedDatabase[]
}

/** A command over some databases. */
export const commandOf = (parent: Command, name: string, description: string): Command => {
  const command = parent.command(name).description(description)
  const path = [...(parent.parent === null ? [] : [parent.name()]), name].join(' ')
  return command
    .addOption(
      new Option('--api-db <url>', 'the API database, whose cell mappings name the cells').conflicts('cell'),
    )
    .option('--cell <name=url>', 'one cell, where there is no API database; repeatable', addCell)
    .allowExcessArguments(false)
    .showHelpAfterError(`(crosscell ${path} --help shows what there is)`)
}

/** The API database that the environment names, where the arguments name none. Fails where nobody does. */
export const withDatabase = <A extends DatabaseArguments>(given: A, command: Command, env: Environment): A => {
  const apiDb = given.apiDb ?? (given.cell === undefined ? env.CROSSCELL_API_DB : undefined)
  if (!apiDb && given.cell === undefined)
    command.error('error: no database: give --api-db, CROSSCELL_API_DB or --cell')
  return apiDb === undefined ? given : { ...given, apiDb }
}

// A name may not look like a part of a URL: who forgets the name would have a piece of the password for one.
const CELL = /^(?<name>[^=:@/]+)=(?<url>.+)$/s

const addCell = (text: string, before: readonly NamedDatabase[] = []): NamedDatabase[] => {
  const cell = CELL.exec(text)?.groups as { name: string; url: string } | undefined
  if (cell === undefined) throw new InvalidArgumentError('It must be NAME=URL.')
  return [...before, { name: cell.name, database: cell.url }]
}
