import type { Key, Outcome } from '../search-index.js'
import type { Row, Statement } from './connection.js'
import { type Generation, stateOf } from './generation.js'
import { numberCells, numberSets } from './sets.js'

/** A document, or what is left of one, as it is sent to the thread that writes it: the values of its columns, sets of members as texts. */
export interface Sent {
  readonly cell: string
  readonly uuid: string
  readonly version: number
  readonly document?: { readonly digest: number; readonly record: string; readonly values: readonly Key[] }
}

/** Writes some, all of them or none. */
export const write = async (generation: Generation, sent: readonly Sent[]): Promise<Outcome[]> => {
  try {
    return await generation.connection.transaction('write', async () => {
      const writer = await openWriter(generation)
      return sent.map(one => (one.document === undefined ? writer.remove(one) : writer.put(one, one.document)))
    })
  } catch (error) {
    // Numbers that were given here are not in the file.
    generation.cells.clear()
    for (const sets of generation.sets) sets.clear()
    throw error
  }
}

interface Writer {
  put(head: Sent, document: NonNullable<Sent['document']>): Outcome
  remove(head: Sent): Outcome
}

const placeholders = (count: number): string => new Array(count).fill('?').join(', ')

const openWriter = async (generation: Generation): Promise<Writer> => {
  const { connection, columns } = generation
  const prepare = (text: string): Promise<Statement> => connection.prepare(text)
  const indexed = (await stateOf(generation)) !== 'filling'
  const [cellOf, setOf] = [await numberCells(generation), await numberSets(generation)]
  const names = columns.all.map(({ name }) => name)
  const places = names.indexOf('places')

  const head = await prepare('SELECT version, doc FROM heads WHERE cell = ? AND uuid = ?')
  const newHead = await prepare('INSERT INTO heads VALUES (?, ?, ?, ?, ?)')
  const nextHead = await prepare('UPDATE heads SET version = ?, digest = ?, doc = ? WHERE cell = ? AND uuid = ?')
  const last = await prepare('SELECT coalesce(max(doc), 0) FROM docs')
  const read = await prepare(`SELECT ${names.join(', ')} FROM docs WHERE doc = ?`)
  const insert = await prepare(`INSERT INTO docs (doc, cell, uuid, ${names.join(', ')}) VALUES (${placeholders(names.length + 3)})`)
  const record = await prepare('INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, record = excluded.record')
  const addAddresses = await prepare('INSERT INTO addresses SELECT DISTINCT value, ? FROM json_each(?)')
  const removeAddresses = await prepare('DELETE FROM addresses WHERE doc = ? AND place IN (SELECT value FROM json_each(?))')
  const addEntry = await prepare('INSERT INTO words (rowid, entry) SELECT doc, entry FROM entries WHERE doc = ?')
  const removals = [await prepare('DELETE FROM docs WHERE doc = ?'), await prepare('DELETE FROM records WHERE doc = ?')]
}
