import { median } from '../measure/statistics.mjs'

const CHOSEN = [
  'plain mysql2, one cell, arrays',
  'plain mysql2, one cell, objects',
  'hand-written fan-out',
  'crosscell',
]

/** What the page itself holds, of the heap of the process that asked for it. */
export const measureMemory = async (contenders, rounds) => {
  const question = { scope: 'all', sort: 'time', limit: 1_000, offset: 0 }
  const measures = []
  for (const contender of contenders.filter(({ name }) => CHOSEN.includes(name))) {
    const { held } = await contender.ask(question)
    const sizes = []
    for (let round = 0; round < Math.min(rounds, 5); round++) sizes.push(await held())
    measures.push({ contender: contender.name, memory: median(sizes) / 2 ** 20 })
  }
  return { name: 'memory', title: 'What a page of 1000 full rows holds', measures }
}
