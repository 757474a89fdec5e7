import t from 'tap'
import { API_DATABASE } from '../../src/cells/build-requests.js'
import type { Cell } from '../../src/cells/cell.js'
import { instanceMappings } from '../../src/cells/instance-mappings.js'
import type { TableSchema } from '../../src/cells/table-schema.js'
import { cursors } from '../../src/engine/cursor.js'
import { CellFailedError } from '../../src/errors.js'
import { openDeadline } from '../../src/listing/deadline.js'
import { pageMemory } from '../../src/listing/forecast.js'
import { markerCache } from '../../src/listing/marker-cache.js'
import { sortColumns } from '../../src/listing/order.js'
import { planFor } from '../../src/listing/plan.js'
import { rollCall } from '../../src/listing/roll-call.js'
import { instances } from '../../src/resources/instances.js'
import { validatorOf } from '../../src/validation/validator.js'

/** A cell that goes down between two questions about its schema can't be had from a real server. */
const schema: TableSchema = {
  version: '1',
  indexes: [],
  columns: new Map(
    Object.keys(instances.columns).map(column => [
      column,
      { charset: 'utf8mb3', collation: 'utf8mb3_general_ci', length: 255, precision: 0, members: [] },
    ]),
  ),
}
const cell = (name: string, weighing: Cell['weighing']): Cell =>
  ({ uuid: name, name, schemaOf: async () => schema, weighing }) as Partial<Cell> as Cell
const failing = (name: string, error: unknown) =>
  cell(name, async () => {
    throw error
  })
const well = (name: string) => cell(name, async () => ({ pad: '', full: false }))
const query = validatorOf(instances, 1_000).query('list', { scope: 'all', sort: ['display_name'] })

const plan = async (cells: readonly Cell[], api?: Cell) => {
  const roll = rollCall(api ? [...cells, API_DATABASE] : cells)
  const deadline = openDeadline(1_000, undefined)
  try {
    return {
      roll,
      plan: await planFor(
        {
          resource: instances,
          cells,
          ...(api && {
            api,
            instances: { mappings: instanceMappings(api, false), buildRequests: 'none', projectCells: false },
          }),
          cursors: cursors(['secret']),
          markers: markerCache(),
          memory: pageMemory(),
        },
        { ...query, stubs: api !== undefined },
        sortColumns(instances, query.sort),
        undefined,
        roll,
        deadline,
      ),
    }
  } finally {
    deadline.close()
  }
}

t.test('a cell that goes down while it is asked about its collations is left out', async t => {
  const error = new CellFailedError({ uuid: 'b', name: 'b', reason: 'ECONNRESET' })
  const { roll, plan: made } = await plan([failing('b', error), well('a'), well('c')])
  t.same(
    made.cells.map(({ cell }) => cell.name),
    ['a', 'c'],
  )
  t.match(roll.report(), [
    { name: 'b', state: 'failed', error: { reason: 'ECONNRESET' } },
    { state: 'ok' },
    { state: 'ok' },
  ])
})

t.test('stubs whose collations can not be asked for are left out', async t => {
  const error = new CellFailedError({ ...API_DATABASE, reason: 'ECONNRESET' })
  const api = {
    ...well('nova_api'),
    uuid: API_DATABASE.uuid,
    schemaOf: async () => ({ ...schema, version: '2' }),
    fingerprint: async () => {
      throw error
    },
  }
  const other = { ...well('a'), fingerprint: async () => 'the same' }
  const { roll, plan: made } = await plan([other], api)
  t.same(
    made.cells.map(({ cell }) => cell.name),
    ['a'],
  )
  t.equal(made.stubs, undefined)
  t.match(roll.report(), [
    { name: 'a', state: 'ok' },
    { name: API_DATABASE.name, error: { reason: 'ECONNRESET' } },
  ])
})

t.test('what is no failure of a cell ends the request', async t => {
  await t.rejects(plan([failing('b', new TypeError('bug')), well('a')]), { message: 'bug' })
  const other = new CellFailedError({ uuid: 'x', name: 'x', reason: 'ECONNRESET' })
  await t.rejects(plan([failing('b', other)]), other)
})

t.test('what is still under way when the work is done keeps its time, and no more', async t => {
  const [short, shorter] = [openDeadline(20, undefined), openDeadline(10, undefined)]
  const [running, done] = [short.part(), shorter.part()]
  t.equal(short.part(), running, 'statements that begin together have one signal')
  const ended = new Promise(resolve => running.addEventListener('abort', resolve))
  short.close()
  shorter.close()
  await ended
  t.equal(running.reason, 'DEADLINE')
  t.equal(done.aborted, false)
})

t.test('the largest deadline and the smallest', async t => {
  const deadline = openDeadline(0, undefined)
  const part = deadline.part()
  await new Promise(resolve => part.addEventListener('abort', resolve))
  t.equal(part.reason, 'DEADLINE')
  deadline.stop()
  const long = openDeadline(2 ** 31 - 1, undefined)
  t.equal(long.part().aborted, false)
  long.close()
})
