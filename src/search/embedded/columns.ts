import { IndexError } from '../../errors.js'
import type { Sql } from '../../sql/fragment.js'
import type { IndexDocument, Key } from '../search-index.js'
import type { Shape } from '../shape.js'

/** One column of the table `docs`. */
export interface Column {
  readonly name: string
  readonly type: 'TEXT' | 'NUMERIC' | 'INTEGER'
  /** What a document has in it; a set of members as one text. */
  of(document: IndexDocument): Key
  /** Which members these are. */
  readonly kind?: number
  /** It is a part of what is searched by trigrams. */
  readonly entry?: boolean
}

/**
 * A shape as columns. Their names are letters and numbers, so that no name of a shape becomes SQL; in every statement the table is called
 * `d`. What a shape does not have is refused.
 */
export interface Columns {
  readonly shape: Shape
  /** All but the first three, `doc`, `cell` and `uuid`. Small ones come first: a row is read as far as it is looked at. */
  readonly all: readonly Column[]
  key(name: string): Sql
  /** What `like` looks at. */
  like(name: string): Sql
  owner(name: string): Sql
  /** The set of members of one kind, and the number of the kind. */
  members(name: string): { readonly column: Sql; readonly kind: number }
  text(name: string): Sql
}

/** Between the members of a set: none has it. */
export const BETWEEN = '\u0000'

/** Between the texts of a field: no word has it. */
export const SEPARATOR = '\u0001'

/** The numbers of addresses, and their texts: those with as many digits are together. */
export const placeOf = (digits: string): string => `${digits.length}:${digits}`
export const placeOfText = (text: string): string => `t:${text}`

const bare = (text: string): Sql => ({ text, values: [] })

/** Nothing is null, so that all that have nothing are alike. */
const list = <T, R>(items: readonly T[], write: (items: readonly T[]) => R): R | null =>
  items.length === 0 ? null : write(items)

export const columnsOf = (shape: Shape): Columns => {
  const keys = Object.keys(shape.keys)
  const numberOf = (names: readonly string[], name: string): number => {
    const number = names.indexOf(name)
    if (number < 0) throw new IndexError('REFUSED')
    return number
  }
  const keysOfKind = (kind: 'number' | 'text'): Column[] =>
    keys
      .filter(key => shape.keys[key] === kind)
      .map(key => ({
        name: `k${keys.indexOf(key)}`,
        type: kind === 'text' ? 'TEXT' : 'NUMERIC',
        of: document => document.keys[key]!,
        entry: shape.texts.includes(key),
      }))
  return {
    shape,
    all: [
      ...shape.owners.map(
        (owner, i): Column => ({ name: `o${i}`, type: 'TEXT', of: ({ owners }) => owners[owner]! }),
      ),
      ...keysOfKind('number'),
      ...shape.members.map(
        (kind, i): Column => ({
          name: `m${i}`,
          type: 'INTEGER',
          of: ({ members }) => list([...new Set(members[kind]!)].sort(), all => all.join(BETWEEN)),
          kind: i,
        }),
      ),
      ...keysOfKind('text'),
      {
        name: 'folds',
        type: 'TEXT',
        of: ({ folds }) =>
          list(Object.entries(folds), all =>
            JSON.stringify(Object.fromEntries(all.map(([key, fold]) => [`k${keys.indexOf(key)}`, fold]))),
          ),
        entry: true,
      },
      {
        name: 'places',
        type: 'TEXT',
        of: ({ addresses }) =>
          list(addresses, all =>
            JSON.stringify(all.flatMap(({ digits, text }) => [placeOf(digits), placeOfText(text)])),
          ),
      },
      ...shape.texts.map(
        (field, i): Column => ({
          name: `t${i}`,
          type: 'TEXT',
          of: ({ texts }) => list(texts[field]!, all => all.join(SEPARATOR)),
          entry: true,
        }),
      ),
    ],
    key: name => bare(`d.k${numberOf(keys, name)}`),
    like: name => {
      const column = `k${numberOf(keys, name)}`
      return bare(`coalesce(d.folds ->> '$.${column}', d.${column})`)
    },
    owner: name => bare(`d.o${numberOf(shape.owners, name)}`),
    members: name => {
      const kind = numberOf(shape.members, name)
      return { column: bare(`d.m${kind}`), kind }
    },
    text: name => bare(`d.t${numberOf(shape.texts, name)}`),
  }
}
