import t from 'tap'
import { openCells } from '../../src/index.js'
import { digestOf, EVENTS, startCloud } from './fixtures/cloud.js'
import { compare, RECORDINGS, readDifferences, readRecording } from './fixtures/compare.js'
import { readRows } from './fixtures/rows.js'
import { openTruth, type Requests } from './fixtures/truth.js'

/**
 * What a real Nova answered (`npm run nova:record`) against what crosscell answers and what SQL says is right. Nova is
 * wrong where fixtures/*-differences.json says so and why, and nowhere else.
 */
const local = await startCloud()
t.teardown(() => local.stop())
const [[version] = []] = await local.query('cell1', 'SELECT VERSION()')

for (const name of RECORDINGS)
  await t.test(name, async t => {
    await EVENTS[name]?.(local)
    const { resolve } = await readRows(local)
    const truth = await openTruth(local, resolve)
    t.teardown(() => truth.close())
    const open = async (buildRequests: Requests) => {
      const cells = await openCells({ apiDatabase: local.apiDatabase!, buildRequests })
      t.teardown(() => cells.close())
      return cells
    }
    const cells = { none: await open('none'), 'in-order': await open('in-order'), first: await open('first') }
    // Nova has no such option, and the first recordings have no build requests.
    if (name !== 'instances' && name !== 'migrations') {
      const { wrong } = await compare(cells, truth, name, 'in-order', resolve)
      t.same(wrong, [], 'crosscell’s answers are the right ones, with build requests in order')
    }
    const { asked, equal, wrong, different, how } = await compare(cells, truth, name, 'first', resolve)
    t.comment(`${asked} questions, Nova right in ${equal}`)
    t.same(wrong, [], 'crosscell’s answers are the right ones, with build requests first')
    // MySQL's regular expressions are others: `ß` finds `ss`. Nova was asked on MariaDB.
    if (!/MariaDB/.test(String(version))) return
    t.equal(
      await digestOf(local),
      readRecording(name).header.data,
      'recorded with these rows; else: npm run nova:record',
    )
    const meant = Object.values(readDifferences(name)).flatMap(({ questions }) => questions)
    const unmeant = different.filter(name => !meant.includes(name)).map(name => how.get(name))
    t.same(unmeant, [], 'Nova’s answers are the right ones, except where a reason is given')
    const stale = meant.filter((name, at) => !different.includes(name) || meant.indexOf(name) !== at)
    t.same(stale, [], 'where a reason is given, Nova’s answer is not the right one')
  })
