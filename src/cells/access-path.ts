import type { SortColumn } from './key-plan.js'
import type { TableSchema } from './table-schema.js'

const MARIADB = /MariaDB/

/**
 * The index that a statement is made to use: one that begins with columns held to one value and goes on with the
 * sort keys, so that a page is read off it from wherever it starts.
 *
 * Left alone, MariaDB walks everything before the marker, and both servers sort the table when statistics are old
 * (docs/adr/0004-forced-index.md). Nothing is forced when a filter holds a column that leads another index to
 * a few values: that way in may be far shorter, and the server has the statistics to tell.
 */
export const orderIndex = (
  columns: readonly SortColumn[],
  id: string,
  single: ReadonlySet<string>,
  selective: ReadonlySet<string>,
  { indexes, version }: TableSchema,
): string | undefined => {
  // InnoDB keeps the primary key behind the columns of every index: the `id` needs no place in it.
  const keys = columns.slice(0, columns.findIndex(key => key.column === id) + 1)
  if (keys.some(key => key.dir !== keys[0]!.dir)) return undefined
  const serves = indexes.find(({ columns: of, unique }) => {
    if (unique && MARIADB.test(version)) return false
    const held = of.findIndex(column => !single.has(column))
    const rest = held < 0 ? [] : of.slice(held)
    return rest.length >= keys.length - 1 && rest.every((column, i) => column === keys[i]?.column)
  })
  const better = indexes.some(index => index !== serves && selective.has(index.columns[0]!))
  return better ? undefined : serves?.name
}
