import type { IndexDocument, Tombstone } from '../search-index.js'
import { encodeKey } from './key-code.js'
import { END } from './mapping.js'

/** Addresses of one range have as many digits as its ends. */
export const encodeDigits = (digits: string): string => `${digits.length}:${digits}`

/** Which document it is: the same whatever its version. */
export const idOf = ({ cell, uuid }: { readonly cell: string; readonly uuid: string }): string =>
  `${cell.length}:${cell}${uuid}`

const mapped = <T, U>(record: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]))

/** What the index is given of a document. */
export const sourceOf = (document: IndexDocument | Tombstone): object => {
  const { cell, uuid, version } = document
  if ('gone' in document) return { cell, uuid, version, gone: true }
  return {
    ...{ cell, uuid, version },
    prefix: uuid.slice(0, 3),
    digest: document.digest,
    record: document.record,
    key: mapped(document.keys, encodeKey),
    fold: mapped(document.folds, encodeKey),
    owner: document.owners,
    member: document.members,
    address: {
      digits: document.addresses.map(({ digits }) => encodeDigits(digits)),
      text: document.addresses.map(({ text }) => text),
    },
    text: mapped(document.texts, texts => texts.map(text => text + END + END)),
  }
}
