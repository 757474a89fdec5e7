import { join } from 'node:path'
import t from 'tap'
import { ending } from '../../src/testing/conformance/ending.js'
import { generations } from '../../src/testing/conformance/generations.js'
import { conformanceOf } from '../../src/testing/index-conformance.js'
import { seed } from '../fixtures/seed.js'
import { realThreads } from './fixtures/real-threads.js'

/** What `embedded-conformance.test.ts` shows of the parts in one thread, over real ones: what is sent is copied, and comes when it comes. */

const folder = t.testdir()
const { open } = realThreads(join(folder, 'code'))
const path = join(folder, 'index.db')
const index = open(path)
t.teardown(() => index.close())

/** Threads end with what they have dropped. Most cases can do without: then the same threads serve them all. */
const kept = { ...index, drop: async () => {} }
const drops = new Set([...generations, ...ending].map(({ name }) => name))

for (const { name, run } of conformanceOf(seed))
  t.test(name, () => run(drops.has(name) ? index : kept, () => open(path)))
