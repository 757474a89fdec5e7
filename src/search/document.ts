import { encode, type Value } from '../sql/codec.js'
import { parseNetwork } from '../sql/address.js'
import type { Resource } from '../resources/resource.js'
import { type Frame, keyOrNull } from './frame.js'
import { memberColumns } from './layout.js'
import type { IndexDocument, Key } from './search-index.js'

/** A record as the lister gives it, with all columns and every relation that the resource's `indexed` names. */
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
  const keys: Record<string, Key> = {}
  const folds: Record<string, string> = {}
  for (const [column, { kind }] of Object.entries(columns)) {
    const keyOf = frame.keyOf(column)
    if (keyOf === undefined) continue
    const value = encode(kind, record[column] as Value)
    const key = keyOrNull(keyOf, value)
    keys[column] = key
    if (kind !== 'text' || value === null) continue
    const fold = frame.weigherOf(column)!.fold(String(value))
    if (fold !== key) folds[column] = fold
  }
  const kept: Kept = {
    c: Object.keys(columns).map(column => record[column] as Value),
    r: Object.fromEntries(resource.indexed!.relations.map(name => [name, record[name]])),
    ...(record.undecodable !== undefined && { u: record.undecodable as string[] }),
  }
  return {
    ...head,
    keys,
    folds,
    owners: Object.fromEntries(
      Object.values(scope).map(column => [column, record[column] as string | null]),
    ),
    members: membersOf(frame, record),
    addresses: fixedAddresses(record).map(text => ({
      digits: parseNetwork(text)?.first ?? '',
      text: text.toLowerCase(),
    })),
    texts: Object.fromEntries(
      frame.shape.texts.map(name => [name, textsOf(resource, name, record).map(frame.fold)]),
    ),
    record: JSON.stringify(kept),
  }
}

type Address = { readonly address: string; readonly type: string }

/** Those that the filter looks at: the fixed ones. */
const fixedAddresses = ({ addresses }: FullRecord): string[] =>
  ((addresses ?? []) as readonly Address[]).filter(({ type }) => type === 'fixed').map(({ address }) => address)

const membersOf = (frame: Frame, record: FullRecord): Record<string, readonly string[]> => {
  const { relations } = frame.resource
  const members: Record<string, readonly string[]> = {}
  for (const [name, { table }] of memberColumns(frame.resource)) {
    const memberOf = frame.memberOf(name)
    const relation = Object.keys(relations).find(one => relations[one]!.relation.table === table)!
    const value = (record[relation] ?? []) as readonly string[] | Readonly<Record<string, string | null>>
    if (memberOf === undefined) continue
    members[name] = Array.isArray(value)
      ? (value as readonly string[]).map(label => memberOf([label]))
      : Object.entries(value).flatMap(([key, text]) => (text === null ? [] : memberOf([key, text])))
  }
  return members
}

/** The texts of a field that a search looks at: a column's, or all of a relation's. */
const textsOf = ({ columns }: Resource, name: string, record: FullRecord): string[] => {
  const value = record[name]
  if (value === null || value === undefined) return []
  if (Object.hasOwn(columns, name)) return [String(value)]
  if (name === 'addresses') return (value as readonly Address[]).map(({ address }) => address)
  return (Array.isArray(value) ? value : Object.entries(value).flat()).filter(one => one !== null) as string[]
}
