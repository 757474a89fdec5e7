import type { Resource } from '../resources/resource.js'
import type { SqlValue } from '../sql/fragment.js'
import type { Layout } from './layout.js'
import type { Key } from './search-index.js'
import type { Shape } from './shape.js'
import { type Weigher, weigherOf } from './weigher.js'

/** What documents of one layout mean. */
export interface Frame {
  readonly resource: Resource
  readonly shape: Shape
  /** How a column's values compare; undefined where only cells can tell. Values are as SQL has them. */
  keyOf(column: string): KeyOf | undefined
  weigherOf(column: string): Weigher | undefined
  /** What stands for a label, or for a key and its value, of a relation's table; undefined where only cells can tell. */
  memberOf(table: string): ((texts: readonly string[]) => string) | undefined
  /** What a search compares with. */
  readonly fold: (text: string) => string
}

/** A value that is not null, as a key. */
export type KeyOf = (value: string | number) => string | number

const plain: KeyOf = value => value

/** Times of columns of different precision compare by code point once trailing zeros are gone. */
const shortest: KeyOf = time => String(time).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')

/** Opens a layout. */
export const frameOf = (resource: Resource, layout: Layout): Frame => {
  const weighers = layout.weights.map(weigherOf)
  const at = (index: number | undefined): Weigher | undefined => (index === undefined ? undefined : weighers[index])
  const keys = new Map(
    Object.entries(resource.columns).flatMap(([column, { kind }]): [string, KeyOf][] => {
      switch (kind) {
        case 'int':
        case 'float':
        case 'bool':
          return [[column, plain]]
        case 'time':
          return [[column, shortest]]
        case 'enum': {
          const members = layout.enums[column]
          return members ? [[column, value => members.indexOf(String(value)) + 1]] : []
        }
        case 'text': {
          const weigher = at(layout.texts[column])
          return weigher ? [[column, value => weigher.key(String(value))]] : []
        }
        // Numbers of any length are compared by the cells.
        default:
          return []
      }
    }),
  )
  const { texts, administrators, title } = resource.indexed!
  const { foldPart } = at(layout.texts[title]) ?? { foldPart: (text: string) => text.toLowerCase() }
  return {
    resource,
    shape: {
      keys: Object.fromEntries(
        [...keys.keys()].map(column => [
          column,
          ['text', 'time'].includes(resource.columns[column]!.kind) ? 'text' : 'number',
        ]),
      ),
      owners: Object.values(resource.scope),
      members: Object.keys(layout.members),
      texts: [...texts, ...administrators],
      orders: resource.sortKeys.filter(key => keys.has(key)).map(key => (key === resource.id ? [key] : [key, resource.id])),
    },
    keyOf: column => keys.get(column),
    weigherOf: column => at(layout.texts[column]),
    memberOf: table => {
      const own = layout.members[table]?.map(index => weighers[index]!)
      return own && (parts => parts.map((text, i) => own[i]!.key(text)).join(''))
    },
    fold: foldPart,
  }
}

/** A value of a column as a key; null stays null. */
export const keyOrNull = (keyOf: KeyOf, value: SqlValue): Key => (value === null ? null : keyOf(value as string | number))
