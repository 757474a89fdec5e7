import { truthOf } from '../data/truth.mjs'
import { quantile } from '../measure/statistics.mjs'

const CHOSEN = [
  'plain mysql2, one cell, objects',
  'hand-written fan-out',
  'crosscell',
  'crosscell, apiDatabase',
]

/** Many requests at a time: pages of 100, contenders in turns. */
export const measureConcurrency = async (cloud, contenders, rounds) => {
  const question = { scope: 'all', sort: 'time', limit: 100, offset: 0 }
  const { uuids } = await truthOf(cloud, question)
  const ready = []
  for (const { name, oneCell, ask } of contenders.filter(({ name }) => CHOSEN.includes(name)))
    ready.push({ ...(await ask(question)), name, oneCell })
  const turn = Math.min(1_500, rounds * 40)
  const measures = []
  for (const width of [1, 8, 64]) {
    const sums = new Map(ready.map(({ name }) => [name, { took: [], ms: 0 }]))
    for (let round = 0; round < 3; round++)
      for (const one of ready) {
        const { took, ms } = await one.load(width, turn)
        const sum = sums.get(one.name)
        sum.took.push(...took)
        sum.ms += ms
      }
    for (const one of ready) {
      const { took, ms } = sums.get(one.name)
      // Under load as alone: many at once, and each is right.
      const answers = await Promise.all(Array.from({ length: width }, one.show))
      if (!one.oneCell && answers.some(answer => String(answer.uuids) !== String(uuids)))
        throw new Error(`${one.name}: a wrong page, ${width} at a time`)
      measures.push({
        contender: one.name,
        width,
        runs: took.length,
        perSecond: (took.length * 1_000) / ms,
        p50: quantile(took, 0.5),
        p95: quantile(took, 0.95),
      })
    }
  }
  return { name: 'concurrency', title: 'Pages of 100, so many requests at a time', measures }
}
