import { LRUCache } from 'lru-cache'
import { positionOf } from '../cells/cell-source.js'
import type { Cursors, Position } from '../engine/cursor.js'
import { InvalidCursorError, MarkerNotFoundError } from '../errors.js'
import { join, name, type SqlValue, sql } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import { askCell, type Plan } from './plan.js'
import type { RollCall } from './roll-call.js'

/**
 * The positions at which pages ended, by the uuid of their last record. A uuid alone does not say where a record
 * stood when the caller saw it: it may have been renamed, hidden or purged since. For ten minutes this does.
 */
export type MarkerCache = LRUCache<string, Position>

/** An empty cache of 10,000 positions. */
export const markerCache = (): MarkerCache => new LRUCache({ max: 10_000, ttl: 10 * 60_000 })

const keyOf = ({ binding }: CheckedQuery, uuid: string): string => `${uuid} ${binding}`

/** Remembers where a page ended. */
export const rememberMarker = (
  cache: MarkerCache,
  query: CheckedQuery,
  uuid: string,
  position: Position,
): void => {
  cache.set(keyOf(query, uuid), position)
}

/** Where a query starts as far as that is known without asking a cell. */
export const knownStart = (cursors: Cursors, cache: MarkerCache, query: CheckedQuery): Position | undefined => {
  if (query.marker !== undefined) return cache.get(keyOf(query, query.marker))
  if (query.cursor === undefined) return undefined
  const position = cursors.open(query.binding, query.cursor)
  if (position !== undefined) return position
  throw new InvalidCursorError(
    '/cursor',
    'it is not one of this query',
    'the `next` of a page of the same query',
  )
}

/**
 * Asks every cell for the marker's sort values. The scope applies: another tenant's record is as unknown as one
 * that never was. Filters do not: the record may have left them since.
 *
 * @throws {@link MarkerNotFoundError} when every cell answered and none has it
 * @throws CellsUnavailableError when it may be in a cell that did not answer
 */
export const lookUpMarker = async (
  plan: Plan,
  marker: string,
  roll: RollCall,
  deadline: Deadline,
): Promise<Position> => {
  const { resource, keys, tenant } = plan
  const found = await Promise.all(
    keys.cells.map(async ({ select }, i): Promise<SqlValue[][]> => {
      const statement = sql`SELECT ${join(select, ', ')} FROM ${name(resource.table)} WHERE ${name(resource.uuid)} = ${marker} AND ${tenant[i]!}`
      const rows = (await askCell(plan, i, statement, roll, deadline)) ?? []
      return rows.map(row => positionOf(row as SqlValue[], keys.positions))
    }),
  )
  const values = found.flat()[0]
  if (values !== undefined) return { values, collations: keys.collations }
  roll.requireComplete()
  throw new MarkerNotFoundError('/marker', 'no such record in this scope', 'the uuid of a record in this scope')
}
