import t from 'tap'
import { openCellSet } from '../../src/cells/cell-set.js'
import type { CellMapping } from '../../src/cells/directory.js'
import { unbounded } from '../fixtures/unbounded.js'

const mapping = (n: number, database = `mysql://h/cell${n}`): CellMapping => ({
  uuid: `u${n}`,
  name: `cell${n}`,
  database,
})

const openSet = async (ttl = 1_000) => {
  let time = 0
  let answer: () => readonly CellMapping[] = () => [mapping(1), mapping(2)]
  let lookUps = 0
  const set = await openCellSet(
    async () => {
      lookUps++
      return answer()
    },
    { ttl, pool: { connections: 1 }, cell: { ...unbounded, now: () => time } },
  )
  return {
    set,
    names: () => set.current().map(cell => cell.name),
    pass: (milliseconds: number) => {
      time += milliseconds
    },
    found: (next: () => readonly CellMapping[]) => {
      answer = next
    },
    lookUps: () => lookUps,
    settled: () => new Promise(setImmediate),
  }
}

t.test('cells that stay are kept, new ones are opened, old ones go', async t => {
  const { set, names, found } = await openSet()
  const [one, two] = set.current()
  found(() => [mapping(3), mapping(2), mapping(1, 'mysql://elsewhere/cell1')])
  await set.reload()
  t.same(names(), ['cell3', 'cell2', 'cell1'])
  t.equal(set.current()[1], two)
  t.not(set.current()[2], one, 'another database is another cell')
  await set.close()
})

t.test('the cells are looked up again when their time is over, and requests do not wait for it', async t => {
  const { names, pass, found, lookUps, settled } = await openSet(1_000)
  found(() => [mapping(3)])
  pass(999)
  t.same(names(), ['cell1', 'cell2'])
  t.equal(lookUps(), 1)
  pass(1)
  t.same(names(), ['cell1', 'cell2'], 'this request goes on with what is known')
  names()
  t.equal(lookUps(), 2, 'once')
  await settled()
  t.same(names(), ['cell3'])
})

t.test('a look-up that fails changes nothing', async t => {
  const { set, names, pass, found, lookUps, settled } = await openSet(1_000)
  found(() => {
    throw new Error('down')
  })
  pass(1_000)
  names()
  await settled()
  t.same(names(), ['cell1', 'cell2'])
  t.equal(lookUps(), 2, 'and is not tried again at once')
  await t.rejects(set.reload(), { message: 'down' })
  found(() => [mapping(4), mapping(5, 'postgres://h/d')])
  await t.rejects(set.reload(), { code: 'invalid-url', path: '/cells/1/database' })
  t.same(names(), ['cell1', 'cell2'])
})
