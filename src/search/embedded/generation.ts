import { LRUCache } from 'lru-cache'
import { IndexError } from '../../errors.js'
import type { Shape } from '../shape.js'
import { type Columns, columnsOf } from './columns.js'
import type { Connection } from './connection.js'
import type { Files } from './files.js'

/** A generation as one thread has it open. */
export interface Generation {
  readonly number: number
  readonly connection: Connection
  readonly columns: Columns
  /** Numbers of cells and of sets of members, as far as they are known; numbers are never used again. */
  readonly cells: Map<string, number>
  readonly sets: readonly LRUCache<string, number>[]
}

/**
 * `filling`: nothing finds documents yet. `indexing`: `finish` is at work, and whose trigrams change meanwhile is remembered. `open`: all is
 * found.
 */
export type State = 'filling' | 'indexing' | 'open'

/** Sets of one kind that are remembered. */
const SETS = 2_000

const opened = new WeakMap<Connection, Generation>()

/** The number of a generation's name. */
export const numberOf = (name: string): number => {
  const number = Number(/^g([1-9]\d{0,14})$/.exec(name)?.[1])
  if (Number.isNaN(number)) throw new IndexError('NO_GENERATION')
  return number
}

/** Opens a generation by its name. */
export const openGeneration = async (files: Files, name: string): Promise<Generation> => {
  const number = numberOf(name)
  const connection = await files.generation(number)
  if (connection === undefined) throw new IndexError('NO_GENERATION')
  const known = opened.get(connection)
  if (known !== undefined) return known
  const [shape] = (await connection.all({ text: 'SELECT shape FROM about', values: [] }))[0] as [string]
  const columns = columnsOf(JSON.parse(shape) as Shape)
  const generation = {
    number,
    connection,
    columns,
    cells: new Map<string, number>(),
    sets: columns.shape.members.map(() => new LRUCache<string, number>({ max: SETS })),
  }
  opened.set(connection, generation)
  return generation
}

export const stateOf = async ({ connection }: Pick<Generation, 'connection'>): Promise<State> =>
  (await connection.all({ text: 'SELECT state FROM about', values: [] }))[0]![0] as State
