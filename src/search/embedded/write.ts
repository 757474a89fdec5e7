import type { Key, Outcome } from '../search-index.js'
import type { Row } from './connection.js'
import { type Generation, stateOf } from './generation.js'
import { numberCells, numberSets } from './sets.js'

/** A document, or what is left of one, as it is sent to the thread that writes it: the values of its columns, sets of members as texts. */
export interface Sent {
  readonly cell: string
  readonly uuid: string
  readonly version: number
  readonly document?: { readonly digest: number; readonly record: string; readonly values: readonly Key[] }
}

/**
 * Pages in the write-ahead log before they are written to the file itself. What is filled touches the same pages of `heads` over and over: many
 * of these are written once.
 */
const PAGES = 1_000
const PAGES_FILLING = 16_000

/** Writes all of them or none. */
export const write = async (
  generation: Generation,
  signal: AbortSignal,
  sent: AsyncIterable<readonly Sent[]>,
): Promise<Outcome[]> => {
  try {
    return await generation.connection.transaction('write', signal, async () => {
      const writer = await openWriter(generation)
      const outcomes: Outcome[] = []
      for await (const part of sent)
        for (const one of part)
          outcomes.push(await (one.document ? writer.put(one, one.document) : writer.remove(one)))
      return outcomes
    })
  } catch (error) {
    // Numbers that were given here are not in the file.
    generation.cells.clear()
    for (const sets of generation.sets) sets.clear()
    throw error
  }
}

interface Writer {
  put(head: Sent, document: NonNullable<Sent['document']>): Promise<Outcome>
  remove(head: Sent): Promise<Outcome>
}

const openWriter = async (generation: Generation): Promise<Writer> => {
  const { connection, columns } = generation
  const state = await stateOf(generation)
  const found = state !== 'filling'
  await connection.all({ text: `PRAGMA wal_autocheckpoint = ${found ? PAGES : PAGES_FILLING}`, values: [] })
  const [cellOf, setOf] = [await numberCells(generation), await numberSets(generation)]
  const names = columns.all.map(({ name }) => name)
  const places = names.indexOf('places')

  const upsert = await connection.prepare(`
    INSERT INTO heads VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, digest = excluded.digest, doc = coalesce(doc, excluded.doc)
    WHERE excluded.version > version RETURNING doc`)
  const insert = await connection.prepare(
    `INSERT INTO docs (doc, cell, uuid, ${names.join(', ')}) VALUES (?, ?, ?, ${names.map(() => '?').join(', ')})`,
  )
  const read = await connection.prepare(`SELECT ${names.join(', ')} FROM docs WHERE doc = ?`)
  const record = await connection.prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?)')
  const addPlaces = await connection.prepare(
    'INSERT OR IGNORE INTO addresses SELECT value, ? FROM json_each(?)',
  )
  const removePlaces = await connection.prepare(
    'DELETE FROM addresses WHERE doc = ? AND place IN (SELECT value FROM json_each(?))',
  )
  const addEntry = await connection.prepare(
    state === 'open'
      ? 'INSERT INTO words (rowid, entry) SELECT doc, entry FROM entries WHERE doc = ?'
      : 'INSERT OR IGNORE INTO late VALUES (?)',
  )
  const head = await connection.prepare('SELECT version, doc FROM heads WHERE cell = ? AND uuid = ?')
  const bury = await connection.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?, 0, NULL)')
  const removals = [
    await connection.prepare('DELETE FROM docs WHERE doc = ?'),
    await connection.prepare('DELETE FROM records WHERE doc = ?'),
  ]
  const last = await connection.prepare('SELECT coalesce(max(doc), 0) FROM docs')
  let next = (last.get([])![0] as number) + 1

  /** As they are stored. */
  const stored = (values: readonly Key[]): Key[] =>
    values.map((value, i) => {
      const { kind } = columns.all[i]!
      return kind !== undefined && value !== null ? setOf(kind, value as string) : value
    })

  const change = async (doc: number, before: Row, after: readonly Key[]): Promise<void> => {
    const changed = columns.all.filter((_, i) => before[i] !== after[i])
    if (changed.length === 0) return
    const update = await connection.prepare(
      `UPDATE docs SET ${changed.map(({ name }) => `${name} = ?`).join(', ')} WHERE doc = ?`,
    )
    update.run([...after.filter((value, i) => value !== before[i]), doc])
    if (!found) return
    if (before[places] !== after[places]) {
      removePlaces.run([doc, before[places]!])
      addPlaces.run([doc, after[places]!])
    }
    if (changed.some(({ entry }) => entry)) addEntry.run([doc])
  }

  return {
    put: async ({ cell, uuid, version }, { digest, record: text, values }) => {
      const number = cellOf(cell)
      const doc = upsert.get([number, uuid, version, digest, next])?.[0] as number | undefined
      if (doc === undefined) return 'stale'
      const after = stored(values)
      if (doc === next) {
        next++
        insert.run([doc, number, uuid, ...after])
        if (found) {
          if (after[places] !== null) addPlaces.run([doc, after[places]!])
          addEntry.run([doc])
        }
      } else await change(doc, read.get([doc])!, after)
      record.run([doc, version, text])
      return 'written'
    },
    remove: async ({ cell, uuid, version }) => {
      const number = cellOf(cell)
      const [known, doc] = (head.get([number, uuid]) ?? [-1, null]) as [number, number | null]
      if (known >= version) return 'stale'
      if (doc !== null) {
        removePlaces.run([doc, read.get([doc])![places]!])
        for (const removal of removals) removal.run([doc])
      }
      bury.run([number, uuid, version])
      return 'written'
    },
  }
}
