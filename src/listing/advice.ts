import type { SortColumn } from '../cells/key-plan.js'
import type { IndexSchema } from '../cells/table-schema.js'
import type { Resource } from '../resources/resource.js'
import type { ColumnKind } from '../sql/codec.js'
import { onColumns } from '../sql/condition.js'
import { join, name } from '../sql/fragment.js'
import { indexFor } from './paths.js'
import type { Plan } from './plan.js'

/** Why no index gives the order of a query in a cell, and what would mend it. */
export type Advice =
  /** The table has no index of these columns: `ddl` makes it. The id need not be in it, InnoDB keeps it in every index. */
  | { readonly code: 'no-index'; readonly columns: readonly string[]; readonly ddl: string }
  /**
   * Nothing mends it.
   *
   * - `mixed-directions`: some of these keys ascend, others descend. An index of descending columns would be no index that
   *   crosscell names, which has to be one for both directions.
   * - `converted-text`: these columns are sorted in another collation than they have, since the cells' collations differ.
   * - `key-too-long`: an index of these columns is longer than InnoDB takes (3072 bytes, 16 columns), and one of their
   *   beginnings gives no order.
   */
  | {
      readonly code: 'mixed-directions' | 'converted-text' | 'key-too-long'
      readonly columns: readonly string[]
      readonly ddl: null
    }

/**
 * What keeps one of the plan's cells from reading the page off an index. Nothing when an index is used, or when one would not be:
 * where a filter is the better way in, the server sorts the few rows that it leaves.
 */
export const adviceFor = (plan: Plan, index: number): Advice | undefined => {
  const { resource, query, sort } = plan
  const { schema } = plan.cells[index]!
  const last = sort.findIndex(({ column }) => column === resource.id)
  const has = ({ column }: { readonly column: string }): boolean =>
    schema.columns.get(column)?.instead === undefined
  const keys = sort.slice(0, last).filter(has)
  const held = onColumns(query.flags).filter(one => one.op === 'eq' && one.value !== null && has(one))
  const columns = [...held, ...keys].map(({ column }) => column)
  const missing = { name: `crosscell_${columns.join('_')}`.slice(0, LONGEST_NAME), columns }
  const inOneDirection = sort.map((key): SortColumn => ({ ...key, dir: 'asc' }))
  if (indexWith(plan, index, inOneDirection, [...schema.indexes, missing]) === undefined) return undefined
  const { terms } = plan.cells[index]!.keys
  const converted = keys.filter(key => terms[sort.indexOf(key)]!.order.text !== name(key.column).text)
  if (converted.length > 0)
    return { code: 'converted-text', columns: converted.map(({ column }) => column), ddl: null }
  if (keys.some(({ dir }) => dir !== sort[last]!.dir))
    return { code: 'mixed-directions', columns: keys.map(({ column }) => column), ddl: null }
  if (indexWith(plan, index, sort, schema.indexes) !== undefined) return undefined
  if (columns.length > MOST_COLUMNS || bytesOf(plan, index, columns) > MOST_BYTES)
    return { code: 'key-too-long', columns, ddl: null }
  const list = join(columns.map(name), ', ').text
  return {
    code: 'no-index',
    columns,
    ddl: `ALTER TABLE ${name(resource.table).text} ADD INDEX ${name(missing.name).text} (${list})`,
  }
}

/** The index that the cell's statement would be made to use, were the order and the cell's indexes these. */
const indexWith = (
  plan: Plan,
  index: number,
  sort: readonly SortColumn[],
  indexes: readonly IndexSchema[],
): string | undefined => {
  const { schema } = plan.cells[index]!
  return indexFor(plan.query, sort, plan.resource, { ...schema, indexes })
}

const LONGEST_NAME = 64
const MOST_COLUMNS = 16
/** Of InnoDB's default row format and page size. */
const MOST_BYTES = 3_072

const BYTES: Readonly<Record<Exclude<ColumnKind, 'text'>, number>> = {
  bool: 1,
  enum: 2,
  int: 4,
  bigint: 8,
  float: 8,
  time: 8,
  decimal: 30,
}

/** Bytes of a character at the most. Character sets that are not here are taken for the widest. */
const CHARACTER: Readonly<Record<string, number>> = { ascii: 1, latin1: 1, ucs2: 2, utf8: 3, utf8mb3: 3 }

const bytesOf = ({ resource, cells }: Plan, index: number, columns: readonly string[]): number => {
  const kinds: Resource['columns'] = resource.columns
  return columns.reduce((sum, column) => {
    const { kind } = kinds[column]!
    const { charset, length } = cells[index]!.schema.columns.get(column)!
    return sum + (kind === 'text' ? length * (CHARACTER[charset!] ?? 4) : BYTES[kind])
  }, 0)
}
