/**
 * Measures crosscell against what else there is, on data of its own, and writes docs/benchmarks.md; see `--help`. Every answer is
 * compared with SQL's before its time is taken.
 */
import { mysql, mysqlVariable } from '../scripts/mysql.mjs'
import { readArguments, USAGE } from './arguments.mjs'
import { JAVASCRIPT } from './contenders/javascript.mjs'
import { nova } from './contenders/nova.mjs'
import { ownProcess } from './contenders/own-process.mjs'
import { spider } from './contenders/spider.mjs'
import { openCloud } from './data/cloud.mjs'
import { projectsOf } from './data/truth.mjs'
import { measureMicro } from './micro/micro.mjs'
import { machine } from './report/machine.mjs'
import { writeReport } from './report/report.mjs'
import { tableOf } from './report/tables.mjs'
import { targetsOf } from './report/targets.mjs'
import { measureConcurrency } from './work/concurrency.mjs'
import { measureCount } from './work/count.mjs'
import { measureFarCells } from './work/far-cells.mjs'
import { measureHungCell } from './work/hung-cell.mjs'
import { measureIndexed } from './work/indexed.mjs'
import { measureIndexing } from './work/indexing.mjs'
import { measureIterate } from './work/iterate.mjs'
import { measureMemory } from './work/memory.mjs'
import { measureOpenSearch } from './work/opensearch.mjs'
import { measurePage } from './work/pages.mjs'
import { pageQuestions } from './work/questions.mjs'
import { measureRoundTrips } from './work/round-trips.mjs'
import { measureSimulated } from './work/simulated.mjs'

const say = text => console.log(text)

/** An index is made once, of a million documents at the most. */
const isIndexed = ({ kind, cells, instances }) =>
  kind === 'mariadb' && cells.length <= 12 && instances <= 100_000

/** All works by name; the floor is the first contender of each. */
const worksOf = async (cloud, contenders, rounds) => {
  const [[total]] = await cloud.query('SELECT COUNT(*) FROM bench.truth')
  const questions = pageQuestions({ total, projects: await projectsOf(cloud) })
  const pages = questions.map(asked => [asked.name, () => measurePage(cloud, contenders, asked, rounds)])
  return [
    ...pages,
    ...(isIndexed(cloud)
      ? [
          ['index', () => measureIndexed(cloud, rounds, say)],
          ['index-opensearch', () => measureOpenSearch(cloud, rounds, say)],
          ['feed', () => measureIndexing(cloud, say)],
        ]
      : []),
    ['count', () => measureCount(cloud, rounds)],
    ['iterate', () => measureIterate(cloud, rounds)],
    ['concurrency', () => measureConcurrency(cloud, contenders, rounds)],
    ['round-trips', () => measureRoundTrips(cloud, rounds)],
    ['far-cells', () => measureFarCells(cloud, rounds)],
    ['hung-cell', () => measureHungCell(cloud, rounds)],
    ['memory', () => measureMemory(contenders, rounds)],
    ['simulated', () => measureSimulated(rounds)],
    ['micro', () => measureMicro(cloud, rounds)],
  ]
}

const measureShape = async (asked, shape) => {
  const cloud = await openCloud({ ...shape, kind: asked.kind }, say)
  const contenders = [
    ...JAVASCRIPT.map(contender => ownProcess(cloud, contender)),
    ...(await nova(cloud, say)),
    ...(await spider(cloud, say)),
  ]
  const results = []
  try {
    for (const [name, measure] of await worksOf(cloud, contenders, asked.rounds)) {
      if (asked.only !== undefined && !name.includes(asked.only)) continue
      const start = performance.now()
      const measured = [await measure()].flat()
      results.push(...measured)
      const took = `${((performance.now() - start) / 1_000).toFixed(1)} s`
      for (const result of measured) say(`\n${result.title} (${result.name}, ${took})\n${tableOf(result).text}`)
    }
  } finally {
    for (const contender of contenders) await contender.close()
    await cloud.close()
  }
  const targets = targetsOf(results)
  say(`\nTargets\n${tableOf(targets).text}`)
  return { header: machine(asked, cloud), results, targets }
}

const main = async () => {
  const asked = readArguments(process.argv.slice(2))
  if (asked.help) return say(USAGE)
  if (asked.kind === 'mysql') process.env[mysqlVariable] = (await mysql(process.env)).mysqld
  for (const shape of asked.shapes) {
    const measured = await measureShape(asked, shape)
    if (asked.writes) say(`\nwritten: ${writeReport(measured).join(', ')}`)
  }
}

await main()
