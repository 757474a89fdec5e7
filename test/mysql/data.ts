import t from 'tap'
import { type LocalCells, startLocalCells } from '../../src/testing/local-cells.js'
import { cellSchema } from '../../src/testing/schema.js'

/** The same seed gives the same rows, on either make. */
t.test('both makes hold the same data', async t => {
  const options = { cells: 1, instances: [100, 2_000], seed: 7 }
  await using mariadb = await startLocalCells({ ...options, kind: 'mariadb' })
  await using mysql = await startLocalCells({ ...options, kind: 'mysql' })
  const rows = async (local: LocalCells, cell: string, table: string) => {
    const read = await local.query(cell, `SELECT * FROM ${table}`)
    return read.map(row => row.join('\t')).sort()
  }
  for (const [cell, tables] of [
    ['cell0', Object.keys(cellSchema)],
    ['cell1', Object.keys(cellSchema)],
    ['api', ['instance_mappings']],
  ] as const)
    for (const table of tables) {
      const [mine, theirs] = [await rows(mysql, cell, table), await rows(mariadb, cell, table)]
      t.equal(mine.length, theirs.length)
      t.same(mine.filter((row, i) => row !== theirs[i]).slice(0, 3), [], `${cell} ${table}`)
    }
})
