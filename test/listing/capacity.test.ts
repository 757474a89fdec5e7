import t from 'tap'
import { openCell } from '../../src/cells/cell.js'
import { openCells } from '../../src/index.js'
import { capacityOf } from '../../src/listing/capacity.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { unbounded } from '../fixtures/unbounded.js'

const local = await startLocalCells({ cells: 2, instances: 500, servers: 'own', relations: false, seed: 9 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const SUMS = ['vcpus', 'vcpus_used', 'memory_mb', 'memory_mb_used', 'local_gb', 'local_gb_used'] as const
const node = (cell: string, sizes: readonly number[], free: readonly string[], deleted = 0) =>
  local.query(
    cell,
    `INSERT INTO compute_nodes (host, hypervisor_type, hypervisor_version, cpu_info, deleted, free_ram_mb, free_disk_gb, ${SUMS.join(', ')})
VALUES (UUID(), 'QEMU', 1, '', ${deleted}, ${free.join(', ')}, ${sizes.join(', ')})`,
  )
for (const { name } of local.cells) await local.query(name, 'DELETE FROM compute_nodes')
// Sums that no INT holds, and a host that is overcommitted.
const HUGE = 2 ** 31 - 1
await node('cell1', [64, 10, HUGE, 4_096, HUGE, 100], ['1000', '2147483647'])
await node('cell1', [32, 20, HUGE, 1_000, HUGE, 200], ['-5000', '2147483647'])
await node('cell1', [8, 8, HUGE, 24, 10, 10], ['NULL', 'NULL'])
await node('cell1', [99, 99, 99, 99, 99, 99], ['99', '99'], 4)
await node('cell2', [1, 1, 1, 1, 1, 1], ['-1', '0'])

const NONE = {
  hosts: 0,
  vcpus: 0,
  vcpus_used: 0,
  memory_mb: 0,
  memory_mb_used: 0,
  free_ram_mb: 0,
  local_gb: 0,
  local_gb_used: 0,
  free_disk_gb: 0,
}
const CELL1 = {
  hosts: 3,
  vcpus: 104,
  vcpus_used: 38,
  memory_mb: 6_442_450_941,
  memory_mb_used: 5_120,
  free_ram_mb: -4_000,
  local_gb: 4_294_967_304,
  local_gb_used: 310,
  free_disk_gb: 4_294_967_294,
}
const CELL2 = {
  hosts: 1,
  vcpus: 1,
  vcpus_used: 1,
  memory_mb: 1,
  memory_mb_used: 1,
  free_ram_mb: -1,
  local_gb: 1,
  local_gb_used: 1,
  free_disk_gb: 0,
}
const ALL = {
  hosts: 4,
  vcpus: 105,
  vcpus_used: 39,
  memory_mb: 6_442_450_942,
  memory_mb_used: 5_121,
  free_ram_mb: -4_001,
  local_gb: 4_294_967_305,
  local_gb_used: 311,
  free_disk_gb: 4_294_967_294,
}

type States = Record<string, number>
const states = async (cell: string): Promise<States> =>
  Object.fromEntries(
    await local.query(
      cell,
      `SELECT COALESCE(vm_state, 'null'), COUNT(*) FROM instances WHERE deleted = 0 AND (vm_state <> 'soft-delete' OR vm_state IS NULL)
AND (hidden = 0 OR hidden IS NULL) GROUP BY vm_state`,
    ),
  )
const perCell = await Promise.all(local.cells.map(({ name }) => states(name)))
const added = (all: readonly States[]): States => {
  const sum: States = {}
  for (const [state, count] of all.flatMap(one => Object.entries(one))) sum[state] = (sum[state] ?? 0) + count
  return sum
}

t.test('each cell by itself, and all of them', async t => {
  const { cells: reports, complete, ...total } = await cells.capacity()
  t.equal(complete, true)
  t.same(
    reports.map(({ uuid, ms, ...report }) => report),
    [
      { name: 'cell0', state: 'ok', instances: perCell[0], ...NONE },
      { name: 'cell1', state: 'ok', instances: perCell[1], ...CELL1 },
      { name: 'cell2', state: 'ok', instances: perCell[2], ...CELL2 },
    ],
  )
  t.same(
    reports.map(({ uuid }) => uuid),
    local.cells.map(({ uuid }) => uuid),
  )
  t.ok(reports.every(({ ms }) => ms > 0))
  t.same(total, { instances: added(perCell), ...ALL })
  t.ok(total.instances.null! > 0 && total.instances.active! > 100, 'some have no state')
})

t.test('a cell that is down has no numbers, and is missing in the sums', async t => {
  await local.stopCell('cell1')
  const { cells: reports, complete, ...total } = await cells.capacity()
  t.match(reports[1], {
    name: 'cell1',
    state: 'failed',
    error: { code: 'cell-failed', reason: /^E[A-Z]+$/ },
    instances: null,
    hosts: null,
    free_ram_mb: null,
  })
  t.same(Object.keys(reports[1]!).sort(), [...Object.keys(reports[0]!), 'error'].sort())
  t.equal(complete, false)
  t.same(total, { instances: added([perCell[0]!, perCell[2]!]), ...CELL2 })
  await local.startCell('cell1')
})

t.test('a cell of which one statement fails is out of it', async t => {
  await local.query('cell2', 'ALTER TABLE compute_nodes RENAME COLUMN vcpus TO elsewhere')
  t.match((await cells.capacity()).cells[2], { state: 'failed', instances: null, vcpus: null })
  await local.query('cell2', 'ALTER TABLE compute_nodes RENAME COLUMN elsewhere TO vcpus')
  t.equal((await cells.capacity()).complete, true)
})

t.test('a cell of a release without a table, or a column, has none of what would be in it', async t => {
  await local.query('cell2', 'RENAME TABLE compute_nodes TO no_nodes')
  const counted = { state: 'ok', instances: perCell[2], ...NONE }
  t.match((await cells.capacity()).cells[2], counted)
  await local.query('cell2', 'RENAME TABLE no_nodes TO compute_nodes')
  await local.query('cell2', 'ALTER TABLE compute_nodes RENAME COLUMN free_ram_mb TO elsewhere')
  t.match((await cells.capacity()).cells[2], { ...counted, ...CELL2, free_ram_mb: 0 })
  await local.query('cell2', 'ALTER TABLE compute_nodes RENAME COLUMN elsewhere TO free_ram_mb')
  t.match((await cells.capacity()).cells[2], { ...counted, ...CELL2 })
})

t.test('what is still asked of a cell that is out is given up', async t => {
  // A cell that hangs in one statement and refuses the other can't be had at will.
  let given: AbortSignal | undefined
  const half = openCell(
    { uuid: 'half', name: 'half' },
    {
      query: async ({ text }, signal) => {
        if (text.includes('compute_nodes'))
          throw Object.assign(new Error(), { code: 'ER_TABLEACCESS_DENIED_ERROR' })
        given = signal
        return new Promise<never>(() => {})
      },
      stream: () => t.fail('nothing is streamed') as never,
      close: async () => {},
    },
    unbounded,
  )
  t.match((await capacityOf({ cells: [half] })).cells, [{ state: 'failed', hosts: null }])
  t.equal(given?.aborted, true)
})

t.test('a cell that hangs costs itself alone, and the answer comes in time', async t => {
  await local.server('cell2').pause()
  t.teardown(() => local.server('cell2').resume())
  const start = performance.now()
  const answer = await cells.capacity({ deadline: 600 })
  const took = performance.now() - start
  const { cells: reports, hosts } = answer
  t.ok(took < 700, `${took} ms`)
  t.match(reports, [{ state: 'ok' }, { state: 'ok' }, { state: 'timed-out', error: { reason: 'DEADLINE' } }])
  t.equal(hosts, 3)
})

t.test('a caller’s abort ends the request with the caller’s reason', async t => {
  const reason = new Error('the client went away')
  await t.rejects(cells.capacity({ signal: AbortSignal.abort(reason) }), reason)
})

t.test('what is no option', async t => {
  for (const [options, code, path] of [
    [[], 'invalid-option', ''],
    [{ deadline: '1' }, 'invalid-option', '/deadline'],
    [{ scope: 'all' }, 'unknown-option', '/scope'],
  ] as const)
    await t.rejects(cells.capacity(options as never), { code, path })
})
