import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../measure/statistics.mjs'

const CHOSEN = [
  'plain mysql2, one cell, arrays',
  'plain mysql2, one cell, objects',
  'hand-written fan-out',
  'crosscell',
]

/** What the page itself holds: the heap behind a collection, with the answer and without it. */
export const measureMemory = async (cloud, contenders, rounds) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const question = { scope: 'all', sort: 'time', limit: 1_000, offset: 0 }
  const held = async one => {
    collect()
    const before = process.memoryUsage().heapUsed
    const kept = [await one.run(), await one.run(), await one.run(), await one.run()]
    collect()
    const after = process.memoryUsage().heapUsed
    return (after - before) / kept.length
  }
  const measures = []
  for (const contender of contenders.filter(({ name }) => CHOSEN.includes(name))) {
    const one = await contender.ask(cloud, question)
    if (!one) continue
    const sizes = []
    for (let round = 0; round < Math.min(rounds, 5); round++) sizes.push(await held(one))
    measures.push({ contender: contender.name, memory: median(sizes) / 2 ** 20 })
  }
  return { name: 'memory', title: 'What a page of 1000 full rows holds', measures }
}
