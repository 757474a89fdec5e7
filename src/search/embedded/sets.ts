import { createHash } from 'node:crypto'
import { BETWEEN } from './columns.js'
import type { Statement } from './connection.js'
import type { Generation } from './generation.js'

/** The number of a set of members, which is written where nobody had it before. */
export type Numbered = (kind: number, members: string) => number

/** For a transaction that writes. */
export const numberSets = async ({ connection, sets }: Generation): Promise<Numbered> => {
  const find = await connection.prepare('SELECT "set" FROM sets WHERE digest = ?')
  const insert = await connection.prepare('INSERT INTO sets (digest) VALUES (?)')
  const texts = await connection.prepare(
    'INSERT INTO members (kind, text) SELECT ?, value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING',
  )
  const parts = await connection.prepare(
    'INSERT INTO parts SELECT member, ? FROM members WHERE kind = ? AND text IN (SELECT value FROM json_each(?))',
  )

  const write = (kind: number, members: string, digest: string): number => {
    const set = insert.run([digest]).lastInsertRowid
    const all = JSON.stringify(members.split(BETWEEN))
    texts.run([kind, all])
    parts.run([set, kind, all])
    return set
  }

  return (kind, members) => {
    const known = sets[kind]!.get(members)
    if (known !== undefined) return known
    const digest = createHash('sha256').update(`${kind}${BETWEEN}${members}`).digest('base64url')
    const set = numberIn(find, digest) ?? write(kind, members, digest)
    sets[kind]!.set(members, set)
    return set
  }
}

const numberIn = (statement: Statement, value: string): number | undefined =>
  statement.get([value])?.[0] as number | undefined

/** The number of a cell. */
export const numberCells = async ({ connection, cells }: Generation): Promise<(uuid: string) => number> => {
  const find = await connection.prepare('SELECT cell FROM cells WHERE uuid = ?')
  const insert = await connection.prepare('INSERT INTO cells (uuid) VALUES (?)')
  return uuid => {
    const cell = cells.get(uuid) ?? numberIn(find, uuid) ?? insert.run([uuid]).lastInsertRowid
    cells.set(uuid, cell)
    return cell
  }
}
