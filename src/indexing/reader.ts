import type { Cell } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { CellFailedError } from '../errors.js'
import type { Inside } from '../listing/inside.js'
import { declaredTables } from '../resources/declared.js'
import { documentOf, type FullRecord } from '../search/document.js'
import type { Frame } from '../search/frame.js'
import type { IndexDocument, Tombstone } from '../search/search-index.js'
import { type Digested, MODULUS, selectClock, selectDigests } from '../sql/digest.js'
import type { Sql } from '../sql/fragment.js'
import { ask, SOON } from './asking.js'
import { type Whole, wholeResource } from './parts.js'
import type { Versions } from './versions.js'

/** What tells whether a record is still what it was: of its own row, and of all that its document is made of. */
export interface Digests {
  readonly own: number
  readonly whole: number
}

/** Records by uuid. Servers do not tell upper from lower case: these are lower. */
export type ByUuid<T> = ReadonlyMap<string, T>

/** What a cell says of some records. */
export interface ReadBack {
  /** One for each that was asked for: what is not there is gone. */
  readonly documents: readonly (IndexDocument | Tombstone)[]
  readonly digests: ByUuid<Digests>
}

/** Reads one cell for an index. Rejects with {@link CellFailedError}. */
export interface Reader {
  readonly cell: Cell
  readonly whole: Whole
  /** Asks a statement over the tables as they are declared. */
  rows(statement: Sql, milliseconds: number, signal: AbortSignal): Promise<readonly (readonly unknown[])[]>
  clock(signal: AbortSignal): Promise<number>
  digests(uuids: readonly string[], signal: AbortSignal): Promise<ByUuid<Digests>>
  /**
   * The clock first, then the digests, then the rows: so that a version is never newer than what it names, and a digest never stands for rows
   * that are newer than those in the document.
   */
  read(uuids: readonly string[], signal: AbortSignal): Promise<ReadBack>
}

export const openReader = (inside: Inside, frame: Frame, real: Cell, versions: Versions): Reader => {
  const whole = wholeResource(frame.resource)
  const { resource, include, parts } = whole
  const cell = declaredCell(real, declaredTables(resource))
  const lister = inside.listerOf(resource, real)
  const rows: Reader['rows'] = (statement, milliseconds, signal) => ask(cell, statement, milliseconds, signal)

  const clock = async (signal: AbortSignal): Promise<number> =>
    Number((await rows(selectClock, SOON, signal))[0]![0])

  const sums = async (
    digested: Digested,
    uuids: readonly string[],
    signal: AbortSignal,
  ): Promise<[string, number][]> =>
    (await rows(selectDigests(digested, uuids), SOON, signal)).map(([owner, sum]) => [
      String(owner).toLowerCase(),
      Number(sum),
    ])

  const digests: Reader['digests'] = async (uuids, signal) => {
    const [own, ...sides] = await Promise.all(
      [parts.own, ...parts.sides].map(digested => sums(digested, uuids, signal)),
    )
    const found = new Map(own!.map(([uuid, sum]) => [uuid, { own: sum, whole: sum }]))
    for (const [uuid, sum] of sides.flat()) {
      const digests = found.get(uuid)
      if (digests !== undefined) digests.whole = (digests.whole + sum) % MODULUS
    }
    return found
  }

  const records = async (uuids: readonly string[], signal: AbortSignal): Promise<readonly FullRecord[]> => {
    const { items, cells } = await lister.list(
      {
        scope: 'all',
        filters: { [resource.uuid!]: uuids, deleted: 'any', hidden: 'any' },
        sort: [resource.id],
        include,
        limit: uuids.length,
      } as never,
      { deadline: 2 * SOON, signal, source: 'cells' },
    )
    const failed = cells.find(({ state }) => state !== 'ok')
    if (failed !== undefined)
      throw new CellFailedError({
        uuid: cell.uuid,
        name: cell.name,
        reason: failed.error!.reason,
      })
    return items as readonly unknown[] as readonly FullRecord[]
  }

  return {
    cell: real,
    whole,
    rows,
    clock,
    digests,
    read: async (uuids, signal) => {
      const version = await versions.next(await clock(signal), signal)
      const known = await digests(uuids, signal)
      const found = await records(uuids, signal)
      const keyOf = (record: FullRecord): string => String(record[resource.uuid!]).toLowerCase()
      const there = new Set(found.map(keyOf))
      const documents = found
        // What came behind the digests was not there when it was hinted at: another hint will say so, or a look.
        .filter(record => known.has(keyOf(record)))
        .map((record): IndexDocument => {
          const uuid = String(record[resource.uuid!])
          const digest = known.get(keyOf(record))!.whole
          return documentOf(frame, { cell: cell.uuid, uuid, version, digest }, record)
        })
      const gone = uuids
        .filter(uuid => !there.has(uuid.toLowerCase()))
        .map((uuid): Tombstone => ({ cell: cell.uuid, uuid, version, gone: true }))
      return { documents: [...documents, ...gone], digests: known }
    },
  }
}
