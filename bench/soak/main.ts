/** `npm run soak`: random faults at random databases under steady load; every answer is compared with a model. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { observe } from '../../src/observability.js'
import { count, report, type Tally, type Work } from './asking.js'
import { wreakHavoc } from './chaos.js'
import { startChronicle } from './chronicle.js'
import { readMapped, readQuiet, startCloud } from './cloud.js'
import { type Figures, print, writePage } from './figures.js'
import { judgeOf } from './judge.js'
import { type Held, look, moreThan, orphans, settle } from './leaks.js'
import { modelOf, questionsFor } from './model.js'
import { randomOf } from './random.js'
import { countRows, get, iterate, readPages, status } from './workers.js'
import { keepWriting } from './writers.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    write: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('--minutes takes a number, --seed a whole one')

const WORKERS = 6
const WARM_UP_MS = 15_000
const SAMPLE_MS = 1_000
/** What may be left of the heap when the cells, whose caches fill up, are closed: code, mostly, and what the soak itself keeps. */
const HEAP_MB = 24
/** Projects that are asked for, large and small ones. Some have an instance that is only a build request. */
const PROJECTS = ['project-1', 'project-6', 'project-11']

console.log(`soak: ${minutes} minutes, seed ${seed}`)
const random = randomOf(seed)
const tally: Tally = { counts: new Map(), wrong: [], wrongs: 0, latest: 0 }
process.on('uncaughtException', error => {
  console.error(error)
  process.exit(1)
})

const cloud = await startCloud()
const life = new AbortController()
const chronicle = startChronicle()
const empty = await look(cloud, life.signal)
let asked: Pick<Work, 'cells' | 'stranger'> | undefined = {
  cells: await cloud.open(),
  stranger: await cloud.open(),
}
const model = modelOf(await readQuiet(cloud, asked.cells), await readMapped(cloud))
const judge = judgeOf(model, chronicle)
const questions = questionsFor(PROJECTS)
const quiet = model.rows.length
observe({
  'crosscell:kill': () => count(tally, 'killed'),
  'crosscell:breaker': ({ state }) => count(tally, `breaker ${state}`),
})

/** Asks until it is over, each worker one thing after the other. */
const keepAsking = async (over: AbortSignal): Promise<void> => {
  const verbs = [readPages, readPages, readPages, iterate, get, get, countRows, status]
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      const own = random.fork()
      const work: Work = {
        ...asked!,
        model,
        questions,
        projects: PROJECTS,
        judge,
        chronicle,
        random: own,
        tally,
        life: life.signal,
        over,
      }
      while (!over.aborted) await own.pick(verbs)(work)
    }),
  )
}

const say = (what: string): void =>
  console.log(`${(performance.now() / 60_000).toFixed(1)} minutes: ${what}, ${tally.wrongs} wrong`)

/** Load for some time, with or without faults. */
const keepGoing = async (ms: number, faults: boolean): Promise<void> => {
  say(faults ? 'load and faults' : 'load')
  const over = new AbortController()
  const havocOver = new AbortController()
  const asking = keepAsking(over.signal)
  const havoc = faults ? wreakHavoc(cloud, chronicle, random.fork(), havocOver.signal) : undefined
  const end = performance.now() + ms
  while (performance.now() < end) {
    await sleep(Math.min(SAMPLE_MS, end - performance.now()))
    const isWell = (site: string): boolean => {
      const now = performance.now()
      return !chronicle.wasTroubled(site, now - 2_000, now)
    }
    const left = await orphans(cloud, isWell)
    if (left > 0) report(tally, 'orphans', [`${left} statements that nobody waits for`])
  }
  havocOver.abort()
  await havoc
  over.abort()
  await asking
}

/** What is held when nothing is under way. */
const lookNow = async (): Promise<Held> => {
  if ((await settle(cloud, 'statements')) > 0)
    report(tally, 'orphans', ['statements a second after the last answer'])
  return look(cloud, life.signal)
}

const writing = new AbortController()
const writes = keepWriting(cloud, model, PROJECTS, random.fork(), writing.signal)
await keepGoing(WARM_UP_MS, false)
const before = await lookNow()
await keepGoing((minutes / 2) * 60_000, true)
const middle = await lookNow()
await keepGoing((minutes / 2) * 60_000, true)
await keepGoing(WARM_UP_MS / 3, false)
writing.abort()
const written = await writes
const after = await lookNow()
await Promise.all([asked.cells.close(), asked.stranger.close()])
asked = undefined
const connections = await settle(cloud, 'connections')
const more = await moreThan(empty)
const closed = await look(cloud, life.signal)
chronicle.stop()
await cloud.stop()

const leaks: string[] = []
const grown = (closed.heap - empty.heap) / 2 ** 20
if (grown > HEAP_MB) leaks.push(`${grown.toFixed(1)} MB of the heap`)
if (connections > 0) leaks.push(`${connections} connections are left`)
if (after.listeners !== before.listeners) leaks.push(`${after.listeners} listeners, ${before.listeners} before`)
leaks.push(...more)
report(tally, 'leak', leaks)
report(tally, 'labels', judge.atLast())

const figures: Figures = {
  minutes,
  seed,
  quiet,
  tally,
  checked: judge.checked,
  faults: chronicle.faults,
  longestStall: chronicle.longestStall,
  writes: written,
  held: { empty, before, middle, after, closed },
}
print(figures)
if (values.write) await writePage(figures)
process.exitCode = tally.wrongs > 0 ? 1 : 0
