import type { Address } from '../resources/addresses.js'
import type { Resource } from '../resources/resource.js'
import type { ColumnKind, Value } from '../sql/codec.js'
import type { SqlValue } from '../sql/fragment.js'
import { addressesAt } from './addresses.js'
import { CELL, type Frame, keyOrNull, type Member, memberKey } from './frame.js'
import type { IndexDocument, Key } from './search-index.js'
import { documentName, isAddress } from './whole-resource.js'

/** A record of the resource that `wholeOf` makes, with all columns and what `wholeInclude` names. */
export type FullRecord = Readonly<Record<string, unknown>>

/** What a document's `record` holds: the columns in the resource's sequence, and the relations. */
export interface Kept {
  readonly c: readonly Value[]
  readonly r: Readonly<Record<string, unknown>>
  /** What could not be read. */
  readonly u?: readonly string[]
}

/** Which record of which cell, and how new. */
export type DocumentHead = Pick<IndexDocument, 'cell' | 'uuid' | 'version' | 'digest'>

/** Makes the document of a record. */
export const documentOf = (frame: Frame, head: DocumentHead, record: FullRecord): IndexDocument => {
  const { resource } = frame
  const { columns, scope } = resource
  const keys: Record<string, Key> = { [CELL]: head.cell }
  const folds: Record<string, string> = {}
  for (const [column, { kind }] of Object.entries(columns)) {
    const keyOf = frame.keyOf(column)
    if (keyOf === undefined) continue
    const value = inSql(kind, record[column] as SqlValue)
    const weigher = value === null ? undefined : frame.weigherOf(column)
    if (weigher === undefined) {
      keys[column] = keyOrNull(keyOf, value)
      continue
    }
    const fold = weigher.fold(String(value))
    const key = weigher.keyOf(fold)
    keys[column] = key
    if (fold !== key) folds[column] = fold
  }
  const { relations } = resource.indexed!
  const unread = relations.filter(name => (record.undecodable as string[] | undefined)?.includes(name))
  const kept: Kept = {
    c: Object.entries(columns).map(([column, { kind }]) => shown(kind, record[column] as SqlValue)),
    r: Object.fromEntries(relations.map(name => [name, record[name]])),
    ...(unread.length > 0 && { u: unread }),
  }
  return {
    ...head,
    keys,
    folds,
    owners: Object.fromEntries(Object.values(scope).map(column => [column, record[column] as string | null])),
    members: Object.fromEntries(frame.members.map(member => [member.name, membersOf(member, record)])),
    addresses: addressesOf(resource, record),
    texts: Object.fromEntries(
      frame.shape.texts.map(name => [name, textsOf(resource, name, record).map(frame.fold)]),
    ),
    record: JSON.stringify(kept),
  }
}

/** The driver's text of a time is what its record's is made of: there are times that are no dates. */
export const inSql = (kind: ColumnKind, value: SqlValue): SqlValue =>
  kind === 'time' && value !== null ? (value as string).replace('T', ' ').slice(0, -1) : value

/** A record that is shown has flags, where the whole one has numbers. */
const shown = (kind: ColumnKind, value: SqlValue): Value =>
  kind === 'bool' && value !== null ? value !== 0 : value

const membersOf = (member: Member, record: FullRecord): string[] => {
  const rows = record[member.name] as readonly string[] | readonly Readonly<Record<string, string | null>>[]
  const texts = rows.map(row =>
    typeof row === 'string' ? [row] : member.columns.map(column => row[column] as string | null),
  )
  return texts.filter(all => all.every(text => text !== null)).map(all => memberKey(member, all))
}

/** What the address filter finds in the documents that it looks at. */
const addressesOf = ({ filters }: Resource, record: FullRecord): IndexDocument['addresses'] =>
  Object.values(filters)
    .filter(isAddress)
    .flatMap(filter =>
      (record[documentName(filter)] as readonly Readonly<Record<string, string | null>>[]).flatMap(row =>
        addressesAt(filter.path, row[filter.document] ?? ''),
      ),
    )

/** The texts of a field that a search looks at: a column's, or all of a relation's. */
export const textsOf = ({ columns }: Resource, name: string, record: FullRecord): string[] => {
  const value = record[name]
  if (value === null) return []
  if (Object.hasOwn(columns, name)) return [String(value)]
  if (name === 'addresses') return (value as readonly Address[]).map(({ address }) => address)
  return (Array.isArray(value) ? value : Object.entries(value as object).flat()).filter(one => one !== null)
}
