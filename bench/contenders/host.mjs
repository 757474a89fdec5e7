/**
 * The process of one contender, forked by own-process.mjs:
 *
 *   node host.mjs NAME
 *
 * Answers messages `{ id, verb, values }` by `{ id, value }` or `{ id, error }`, and ends when its parent is gone.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createConnection } from 'mysql2/promise'
import { timed } from '../measure/rounds.mjs'
import { JAVASCRIPT } from './javascript.mjs'
import { spiderClient } from './spider-client.mjs'

let contender
let truth
let prepared
let quick

/** Keeps `width` requests under way for some milliseconds; each worker takes the next when its last is answered. */
const load = async (width, ms) => {
  const took = []
  const start = performance.now()
  const worker = async () => {
    while (performance.now() - start < ms) took.push((await timed(prepared.list)).ms)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return { took, ms: performance.now() - start }
}

/** The bytes that an answer holds: the heap behind a collection, with some answers and without them. */
const held = async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const { list } = prepared
  collect()
  const before = process.memoryUsage().heapUsed
  const kept = [await list(), await list(), await list(), await list()]
  collect()
  return (process.memoryUsage().heapUsed - before) / kept.length
}

const verbs = {
  open: async data => {
    truth = await createConnection({ socketPath: data.socketPath, user: 'root', dateStrings: true })
    const query = async (sql, values) => (await truth.query({ sql, values, rowsAsArray: true }))[0]
    const asked = [...JAVASCRIPT, spiderClient].find(({ name }) => name === process.argv[2])
    contender = await asked.open({ ...data, query })
  },
  /** Whether the contender can answer it. All that follows is about this question. */
  ask: async question => {
    prepared = await contender.ask(question)
    quick = false
    return prepared !== undefined
  },
  /**
   * V8 gives back heap and compiled code of a process that waits seconds for its turn: what is quick is asked once more just
   * before, so that it is measured as in a process that has work.
   */
  run: async () => {
    if (quick) await prepared.list()
    const { ms, cpu } = await timed(prepared.list)
    quick = ms < 400
    return { ms, cpu }
  },
  show: async () => prepared.show(await prepared.list()),
  load,
  held,
  close: async () => {
    await contender.close()
    await truth.end()
  },
}

process.on('disconnect', () => process.exit())
process.on('message', async ({ id, verb, values }) => {
  try {
    process.send({ id, value: await verbs[verb](...values) })
  } catch (error) {
    process.send({ id, error })
  }
})
