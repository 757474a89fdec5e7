import { join, name, type Sql, sql } from './fragment.js'

/** Instances by their state: two columns. */
export const selectStates = (where: Sql): Sql =>
  sql`SELECT vm_state, COUNT(*) FROM ${name('instances')} WHERE ${where} GROUP BY vm_state ORDER BY vm_state`

/** The number of compute nodes, and the sum of each column over them: one row. */
export const selectComputeNodes = (columns: readonly string[]): Sql => {
  const sums = columns.map(column => sql`SUM(${name(column)})`)
  return sql`SELECT ${join([sql`COUNT(*)`, ...sums], ', ')} FROM ${name('compute_nodes')} WHERE deleted = 0`
}
