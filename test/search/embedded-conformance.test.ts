import { join } from 'node:path'
import t from 'tap'
import { conformanceOf } from '../../src/testing/index-conformance.js'
import { seed } from '../fixtures/seed.js'
import { embeddedHere } from './fixtures/in-process.js'

const path = join(t.testdir(), 'index.db')
const index = embeddedHere(path)
t.teardown(() => index.close())

for (const { name, run } of conformanceOf(seed)) t.test(name, () => run(index, () => embeddedHere(path)))
