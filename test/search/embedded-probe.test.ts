import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { literally } from '../../src/sql/fragment.js'

t.test('worker', async t => {
  const worker = new Worker(new URL('../../src/search/embedded/probe-worker.js', import.meta.url))
  worker.postMessage(-2)
  const [said] = await once(worker, 'message')
  t.same(said[0], -4); t.equal(literally('%'), '\\%')
  await once(worker, 'exit')
})
