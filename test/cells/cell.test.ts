import t from 'tap'
import { openCell, TIMED_OUT } from '../../src/cells/cell.js'
import type { Database, SqlRow } from '../../src/cells/connection.js'
import { CellFailedError } from '../../src/errors.js'
import { sql } from '../../src/sql/fragment.js'
import { unbounded } from '../fixtures/unbounded.js'

const name = { uuid: 'u1', name: 'cell1' }
const { signal } = new AbortController()
const cellOver = (query: Database['query']) =>
  openCell(name, { query, close: async () => {} } as Partial<Database> as Database, unbounded)

const failing = (error: unknown) =>
  cellOver(async () => {
    throw error
  })

t.test('what the driver says becomes the cell’s failure, without its message', async t => {
  const error = Object.assign(new Error('Access denied for user secret'), { code: 'ER_ACCESS_DENIED_ERROR' })
  const failure = await failing(error)
    .query(sql`SELECT 1`, signal)
    .catch((failure: unknown) => failure as CellFailedError)
  t.ok(failure instanceof CellFailedError)
  t.match(failure, {
    code: 'cell-failed',
    cell: { ...name, reason: 'ER_ACCESS_DENIED_ERROR' },
    cause: undefined,
  })
  t.notMatch(JSON.stringify(failure) + String(failure), /secret/)
  await t.rejects(failing(new Error('garbage')).query(sql`SELECT 1`, signal), {
    cell: { reason: 'UNKNOWN' },
  } as unknown as Error)
})

t.test('a statement that ran out of time is the cell’s failure, one that was aborted is not', async t => {
  const aborted = (reason: unknown) =>
    failing(new Error('whatever')).query(sql`SELECT 1`, AbortSignal.abort(reason))
  await t.rejects(aborted(TIMED_OUT), { code: 'cell-failed', cell: { reason: 'DEADLINE' } })
  const reason = new Error('the client went away')
  await t.rejects(aborted(reason), reason)
})

t.test('a stream fails as a statement does', async t => {
  const cell = openCell(
    name,
    {
      stream: () => ({
        next: async () => {
          throw Object.assign(new Error('secret'), { code: 'ECONNRESET' })
        },
      }),
    } as Partial<Database> as Database,
    unbounded,
  )
  await t.rejects(cell.stream(sql`SELECT 1`, signal).next(1, signal), {
    cell: { ...name, reason: 'ECONNRESET' },
  } as unknown as Error)
})

t.test('what a cell looks like is asked once, until it is found to be wrong', async t => {
  let asked = 0
  const there: SqlRow[] = [['id', null, null, null, null, 'int', null, '1']]
  let answer: () => SqlRow[] = () => there
  const cell = cellOver(async () => {
    asked++
    return answer()
  })
  await cell.schemaOf('t', signal)
  await cell.schemaOf('t', signal)
  t.equal(asked, 1)
  await cell.schemaOf('other', signal)
  t.equal(asked, 2)
  cell.forget()
  await cell.schemaOf('t', signal)
  t.equal(asked, 3)
  for (const code of [
    'ER_BAD_FIELD_ERROR',
    'ER_DUP_FIELDNAME',
    'ER_KEY_DOES_NOT_EXITS',
    'ER_NO_SUCH_TABLE',
    'ER_LOCK_DEADLOCK',
  ]) {
    answer = () => {
      throw Object.assign(new Error(), { code })
    }
    await t.rejects(cell.query(sql`SELECT 1`, signal), { cell: { reason: code } } as unknown as Error)
    answer = () => there
    asked = 0
    await cell.schemaOf('t', signal)
    t.equal(asked, code === 'ER_LOCK_DEADLOCK' ? 0 : 1, code)
  }
})

t.test('that a table is not there is not remembered', async t => {
  let asked = 0
  const cell = cellOver(async () => {
    asked++
    return []
  })
  for (const times of [1, 2]) {
    t.equal((await cell.schemaOf('t', signal)).columns.size, 0)
    t.equal(asked, times)
  }
})

t.test('a look at the schema that failed is not remembered', async t => {
  let down = true
  const cell = cellOver(async () => {
    if (down) throw Object.assign(new Error(), { code: 'ECONNREFUSED' })
    return []
  })
  await t.rejects(cell.schemaOf('t', signal), { code: 'cell-failed' })
  down = false
  await t.resolves(cell.schemaOf('t', signal))
})
