import t from 'tap'
import { openCell, TIMED_OUT } from '../../src/cells/cell.js'
import { connect, type Database } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { openCells } from '../../src/index.js'
import { sql } from '../../src/sql/fragment.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { unbounded } from '../fixtures/unbounded.js'

const local = await startLocalCells({ cells: 1, cell0: false, instances: 20, relations: false })
t.teardown(() => local.stop())
const { database } = local.cells[0]!
const open = (breaker: object) => openCells({ cells: local.cells, breaker })

const others = { scope: { project_id: 'of others' }, limit: 1 } as const

/** What waits for this table does not end. */
const lock = async (table: string) => {
  const connection = await connect(parseDatabaseUrl(database, '/'))
  await connection.query(`LOCK TABLES ${table} WRITE`)
  return connection
}

t.test('filters that take too long do not keep others from the cell', async t => {
  const cells = await open({ failures: 1, pause: 60_000, longest: 60_000 })
  t.teardown(() => cells.close())
  await cells.instances.list(others)
  const held = await lock('tags')
  for (let n = 0; n < 3; n++) {
    const slow = { scope: { project_id: 'of one' }, filters: { tags: ['blue'] }, limit: 1 } as const
    const page = await cells.instances.list(slow, { deadline: 600 })
    t.match(page.cells, [{ state: 'timed-out', error: { reason: 'DEADLINE' } }])
    t.equal((await cells.instances.list(others)).complete, true)
  }
  await held.close()
})

/** What an answer to a statement takes in milliseconds, an error, or that none comes. */
type Answer = number | object | 'never'

/** A cell whose breaker opens at the first failure. `small`: what becomes of the statement that it is tried with. */
const cellWith = (statement: Answer, small: Answer, breaker = true) => {
  let time = 0
  let tried = 0
  const after = (answer: Answer, signal: AbortSignal) =>
    new Promise<[]>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      if (typeof answer === 'object') reject(answer)
      if (typeof answer !== 'number') return
      time += answer
      resolve([])
    })
  const database: Pick<Database, 'query'> = {
    query: ({ text }, signal) => {
      if (text === 'SELECT caller') return after(statement, signal)
      tried++
      return after(small, signal)
    },
  }
  const cell = openCell({ uuid: 'u', name: 'n' }, database as Database, {
    ...unbounded,
    breaker: breaker ? { failures: 1, slow: 1_000, pause: 60_000, longest: 60_000 } : undefined,
    now: () => time,
  })
  const controller = new AbortController()
  return {
    ask: () => cell.query(sql`SELECT caller`, controller.signal).catch(() => {}),
    /** The time of what is asked is over, after so long. */
    giveUp: (milliseconds: number) => {
      time += milliseconds
      controller.abort(TIMED_OUT)
    },
    /** The breaker's state, when everybody has been heard. */
    state: async () => {
      while (
        tried > 0 &&
        cell.breaker()?.state === 'closed' &&
        (cell.breaker() as { answeredAt: number }).answeredAt < 0
      )
        await new Promise(setImmediate)
      return cell.breaker()?.state
    },
    tried: () => tried,
  }
}

const REFUSED = { code: 'ER_TABLEACCESS_DENIED_ERROR', sqlState: '42000' }
const LOST = { code: 'ECONNRESET', fatal: true }
const KILLED = { code: 'ER_SERVER_SHUTDOWN', sqlState: '08S01', fatal: true }

t.test('a statement that took long is the cell’s failure when a small one fails, too', async t => {
  const cases: [Answer, Answer, 'closed' | 'open'][] = [
    [999, LOST, 'closed'],
    [1_000, 0, 'closed'],
    [1_000, 999, 'closed'],
    [1_000, 1_000, 'open'],
    [1_000, LOST, 'open'],
    [1_000, KILLED, 'open'],
    [1_000, REFUSED, 'closed'],
    [1_000, 'never', 'open'],
    [LOST, 0, 'open'],
    [REFUSED, LOST, 'closed'],
  ]
  for (const [statement, small, state] of cases) {
    const cell = cellWith(statement, small)
    await cell.ask()
    t.equal(await cell.state(), state, JSON.stringify([statement, small]))
    t.equal(cell.tried(), statement === 1_000 ? 1 : 0)
  }
})

t.test('so is one that has no answer when its time is over, if that was not too short', async t => {
  const cases: [number, Answer, 'closed' | 'open', number][] = [
    [249, LOST, 'closed', 0],
    [250, 0, 'closed', 1],
    [250, LOST, 'open', 1],
    [250, 'never', 'open', 1],
  ]
  for (const [patience, small, state, tried] of cases) {
    const cell = cellWith('never', small)
    const asked = [cell.ask(), cell.ask(), cell.ask()]
    await new Promise(setImmediate)
    cell.giveUp(patience)
    await Promise.all(asked)
    t.equal(await cell.state(), state, JSON.stringify([patience, small]))
    t.equal(cell.tried(), tried, 'tried once for all')
  }
})

t.test('without a breaker nothing is tried', async t => {
  const cell = cellWith('never', LOST, false)
  const asked = cell.ask()
  await new Promise(setImmediate)
  cell.giveUp(10_000)
  await asked
  t.equal(await cell.state(), undefined)
  t.equal(cell.tried(), 0)
})
