import t from 'tap'
import { openGuard } from '../../src/indexing/guard.js'

const { signal } = new AbortController()
const HOUR = 3_600_000

t.test('a share may go in an hour, what does not fit stays, and the next hour begins anew', async t => {
  let now = 0
  let documents = 1_000
  const guard = openGuard(
    { share: 0.1, least: 50 },
    async () => documents,
    () => now,
  )
  t.equal(await guard.allows(60, signal), true)
  t.equal(await guard.allows(41, signal), false)
  t.equal(await guard.allows(40, signal), true, 'what fits goes')
  t.equal(await guard.allows(1, signal), false)
  documents = 2_000
  now = HOUR - 1
  t.equal(await guard.allows(1, signal), false)
  now = HOUR
  t.equal(await guard.allows(200, signal), true)
})

t.test('so many may go whatever the share says', async t => {
  const guard = openGuard(
    { share: 0, least: 50 },
    async () => 10,
    () => 0,
  )
  t.equal(await guard.allows(50, signal), true)
  t.equal(await guard.allows(1, signal), false)
})

t.test('an index that does not say how many it has allows nothing', async t => {
  const guard = openGuard(
    { share: 1, least: 50 },
    async () => Promise.reject(new Error('down')),
    () => 0,
  )
  await t.rejects(guard.allows(1, signal), { message: 'down' })
})
