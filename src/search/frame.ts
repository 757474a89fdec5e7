import type { Resource } from '../resources/resource.js'
import type { SqlValue } from '../sql/fragment.js'
import type { Layout } from './layout.js'
import { type Membership, memberships } from './membership.js'
import type { Key } from './search-index.js'
import type { Shape } from './shape.js'
import { plainFold, type Weigher, weigherOf } from './weigher.js'

/** What documents of one layout mean. */
export interface Frame {
  readonly resource: Resource
  readonly shape: Shape
  /** How a column's values compare; undefined where only cells can tell. Values are as SQL has them. */
  keyOf(column: string): KeyOf | undefined
  weigherOf(column: string): Weigher | undefined
  /** The name of the collation by which a text column compares. */
  collationOf(column: string): string | undefined
  /** What filters look for in other tables, as far as it can be compared. */
  readonly members: readonly Member[]
  /** What a search compares with. */
  readonly fold: (text: string) => string
}

/** A value that is not null, as a key. */
export type KeyOf = (value: string | number) => string | number

/** Labels, or keys and values. */
export interface Member extends Membership {
  /** Those of the columns, in their sequence. */
  readonly weighers: readonly Weigher[]
}

/** What stands for a label, or for a key and its value: the same for what the server holds for equal. */
export const memberKey = ({ weighers }: Member, texts: readonly string[]): string =>
  texts.map((text, i) => weighers[i]!.key(text)).join('')

const plain: KeyOf = value => value

/** Times of columns of different precision compare by code point once trailing zeros are gone. */
const shortest: KeyOf = time =>
  String(time)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')

/** A value that is no member of an ENUM is read as an empty text, and comes first; one that is asked for is equal to none. */
const ordinalIn =
  (members: readonly string[]): KeyOf =>
  value =>
    value === '' ? 0 : members.indexOf(String(value)) + 1 || -1

/** The key that is a document's cell: no column of any resource. */
export const CELL = 'cell'

/** Opens a layout. */
export const frameOf = (resource: Resource, layout: Layout): Frame => {
  const weighers = layout.weights.map(weigherOf)
  const weigherFor = (column: string): Weigher | undefined => weighers[layout.texts[column]!]
  const keys = new Map(
    Object.entries(resource.columns).flatMap(([column, { kind }]): [string, KeyOf][] => {
      switch (kind) {
        case 'int':
        case 'bool':
          return [[column, plain]]
        case 'time':
          return [[column, shortest]]
        case 'enum': {
          const members = layout.enums[column]
          return members ? [[column, ordinalIn(members)]] : []
        }
        case 'text': {
          const weigher = weigherFor(column)
          return weigher ? [[column, value => weigher.key(String(value))]] : []
        }
        // Numbers of any length, and floats, which have fewer digits in a column than in a comparison, are the cells' to compare.
        default:
          return []
      }
    }),
  )
  const { texts, administrators, title, counted } = resource.indexed!
  const usual = resource.defaultSort[0]!.split(':')[0]!
  // What shows by default is part of most questions.
  const flagged = resource.flags
    .flatMap(({ rules }) => rules.flatMap(({ shows }) => shows.flat()))
    .map(({ column }) => column)
  const titled = weigherFor(title)
  const members = memberships(resource).flatMap((one): Member[] => {
    const own = layout.members[one.name]
    return own ? [{ ...one, weighers: own.map(index => weighers[index]!) }] : []
  })
  return {
    resource,
    shape: {
      keys: {
        ...Object.fromEntries(
          [...keys.keys()].map(column => [
            column,
            ['text', 'time'].includes(resource.columns[column]!.kind) ? 'text' : 'number',
          ]),
        ),
        [CELL]: 'text',
      },
      owners: Object.values(resource.scope),
      members: members.map(({ name }) => name),
      texts: [...texts, ...administrators],
      orders: [usual, ...resource.sortKeys.filter(key => key !== usual)]
        .filter(key => keys.has(key))
        .map(key => (key === resource.id ? [key] : [key, resource.id])),
      counts: [...counted.filter(key => keys.has(key)), CELL].map(key => [
        ...new Set([key, ...flagged.filter(column => keys.has(column))]),
      ]),
    },
    keyOf: column => keys.get(column),
    weigherOf: weigherFor,
    collationOf: column => layout.weights[layout.texts[column]!]?.collation,
    members,
    // A search looks at texts of all columns: it takes a collation that knows all characters.
    fold: titled?.holdsAll ? titled.foldPart : plainFold,
  }
}

/** A value of a column as a key; null stays null. */
export const keyOrNull = (keyOf: KeyOf, value: SqlValue): Key =>
  value === null ? null : keyOf(value as string | number)
