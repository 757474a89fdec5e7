import { type ColumnKind, parseTime } from '../sql/codec.js'
import { isJsonPath } from '../sql/related.js'
import type { Column } from './column.js'
import { readers } from './documents.js'
import { listOf, members, oneOf, optional, recordOf, type Shape, setOf, text, that, variants } from './shape.js'

const anything: Shape = () => {}
const flag = that(value => typeof value === 'boolean', 'true or false')
const scalar = that(value => typeof value === 'string' || Number.isFinite(value), 'a text or a number')
/** Names come into statements as they are. */
const word = that(value => typeof value === 'string' && /^\w+$/.test(value), 'letters, digits and _')

const matches =
  (form: RegExp): Holds =>
  value =>
    typeof value === 'string' && form.test(value)

type Holds = (value: unknown, members: readonly unknown[]) => boolean

/** What is a value of a column, by the column's kind. */
const isOfKind: Readonly<Record<ColumnKind, Holds>> = {
  int: Number.isSafeInteger,
  float: Number.isFinite,
  bool: value => typeof value === 'boolean',
  bigint: matches(/^-?\d{1,20}$/),
  decimal: matches(/^-?\d{1,35}(\.\d{1,30})?$/),
  time: value => typeof value === 'string' && parseTime(value) !== undefined,
  enum: (value, members) => members.includes(value),
  text: value => typeof value === 'string',
}

const column: Shape = (value, path) => {
  const all = {
    kind: oneOf(...Object.keys(isOfKind)),
    nullable: optional(flag),
    members: optional(setOf(text, 1)),
    default: optional(anything),
  }
  members(all)(value, path)
  const made = value as Column
  const fallback = that(one => isOfKind[made.kind](one, made.members ?? []), `a value of kind ${made.kind}`)
  const enumerated = made.kind === 'enum' && { members: setOf(text, 1) }
  members({ ...all, ...enumerated, default: optional(fallback) })(value, path)
}

/** A condition by one of these. */
const condition = (...operators: readonly ('eq' | 'ne' | 'not_in')[]): Shape => {
  const operands = { eq: scalar, ne: scalar, not_in: listOf(scalar, 1) }
  return (value, path) => {
    members({ column: word, eq: optional(anything), ne: optional(anything), not_in: optional(anything) })(
      value,
      path,
    )
    const [operator, ...others] = operators.filter(one => Object.hasOwn(value as object, one))
    that(() => operator !== undefined && others.length === 0, `one of ${operators.join(', ')}`)(value, path)
    members({ column: word, [operator!]: operands[operator!] })(value, path)
  }
}

const flagGroup: Shape = (value, path) => {
  members({
    names: setOf(text),
    rules: listOf(
      members({
        when: recordOf(oneOf(true, false, 'any')),
        shows: listOf(listOf(condition('eq', 'ne'))),
      }),
      1,
    ),
  })(value, path)
  const { rules } = value as { rules: readonly { when: object }[] }
  that(() => Object.keys(rules.at(-1)!.when).length === 0, 'a last rule that fits always')(
    rules,
    `${path}/rules`,
  )
}

const owner = { table: word, column: word, references: text }
const relation = members({ ...owner, only: optional(listOf(condition('eq'))) })
const filter = variants('kind', {
  labels: { relation, label: word, match: oneOf('all', 'any', 'not-all', 'none') },
  pairs: { relation, key: word, value: word },
  bound: { column: text, op: oneOf('gte', 'lte') },
  either: { columns: listOf(text, 1) },
  address: {
    relation,
    document: word,
    path: that(value => typeof value === 'string' && isJsonPath(value), 'a JSON path'),
  },
})

const rows = members({
  ...owner,
  only: optional(listOf(condition('eq', 'ne', 'not_in'))),
  database: optional(oneOf('api')),
})
const included = variants('shape', {
  labels: { relation: rows, label: word },
  map: { relation: rows, key: word, value: word },
  rows: { relation: rows, columns: recordOf(column, word) },
  latest: { relation: rows, columns: recordOf(column, word) },
  document: { relation: rows, document: word, read: oneOf(...Object.keys(readers)) },
})

const sortKey = that(
  value => typeof value === 'string' && /^\w+:(asc|desc)$/.test(value),
  'a column and its direction, as in name:desc',
)
const sort: Shape = (value, path) => {
  listOf(sortKey, 1)(value, path)
  const keys = (value as readonly string[]).map(key => key.split(':')[0])
  setOf(text)(keys, path)
}

/** What `defineResource` takes, but for what the parts have to do with each other. */
export const definitionShape = members({
  name: text,
  table: optional(text),
  columns: recordOf(column),
  id: optional(text),
  uuid: optional(that(value => value === null || typeof value === 'string', 'a text, or null')),
  mapped: optional(text),
  scope: optional(members({ project_id: optional(text), user_id: optional(text) })),
  sortKeys: setOf(text),
  defaultSort: optional(sort),
  flags: optional(listOf(flagGroup)),
  filters: optional(recordOf(filter)),
  relations: optional(recordOf(included)),
})
