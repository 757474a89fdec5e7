import t from 'tap'
import { seed } from '../fixtures/seed.js'
import { startCloud } from './fixtures/cloud.js'
import { QUERY } from './fixtures/phases.js'
import { readTruth } from './fixtures/truth.js'

/** Whatever comes in the place of an answer, no row of it is shown, and nobody else is harmed. */
const EACH = 12
const JOBS = 4

/** Any bytes, by a seed (mulberry32). */
const bytesOf = (seed: number) => {
  let state = seed
  return (length: number): Buffer =>
    Buffer.from(
      Array.from({ length }, () => {
        state = (state + 0x6d2b79f5) | 0
        let x = Math.imul(state ^ (state >>> 15), 1 | state)
        x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
        return (x ^ (x >>> 14)) & 0xff
      }),
    )
}

/** The packets of an answer, as far as they are whole, with other texts. */
const otherTexts = (bytes: Buffer, random: (length: number) => Buffer): Buffer => {
  const garbled = Buffer.from(bytes)
  for (let at = 0; at + 4 < bytes.length; ) {
    const length = bytes.readUIntLE(at, 3)
    random(Math.min(length, bytes.length - at - 4)).copy(garbled, at + 4)
    at += 4 + length
  }
  return garbled
}

/** The last two garble no more than a header: elsewhere that would be another text, which only TLS notices. */
const SHAPES: Readonly<Record<string, (bytes: Buffer, random: (length: number) => Buffer) => Buffer>> = {
  noise: (bytes, random) => random(bytes.length),
  'packets whose texts are noise': otherTexts,
  'packets of other lengths': (bytes, random) => {
    const garbled = Buffer.from(bytes)
    random(3).copy(garbled)
    garbled[2] = 0
    return garbled
  },
  'packets of another order': (bytes, random) => {
    const garbled = Buffer.from(bytes)
    garbled[3] = garbled[3]! + 1 + (random(1)[0]! % 255)
    return garbled
  },
}

const cloud = await startCloud(JOBS)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)
const others = truth
  .rows()
  .filter(({ cell }) => cell.name !== 'cell1')
  .slice(0, QUERY.limit)

t.jobs = JOBS
for (const [name, shape] of Object.entries(SHAPES))
  t.test(`${name}, seed ${seed}`, { buffered: true }, async t => {
    const client = await cloud.open()
    t.teardown(() => client.close())
    const { cells, proxies } = client
    await cells.instances.list(QUERY)
    for (let i = 0; i < EACH; i++) {
      const random = bytesOf(seed + i)
      const after = i % 2 === 0 || name.startsWith('packets of') ? 0 : random(2).readUInt16LE() % 400
      const garbage = (bytes: Buffer): Buffer => shape(bytes, random)
      void proxies.cell1.aim('garbage bytes', { word: 'ORDER BY `created_at`', after, garbage })
      const page = await cells.instances.list(QUERY, { deadline: 1_000 })
      const label = page.cells.find(cell => cell.name === 'cell1')!
      if (page.complete) t.fail(`${i}: garbage was taken for an answer`)
      t.same(page.items, others, `${i}: ${label.error?.reason}`)
      await proxies.cell1.heal()
      t.equal((await cells.instances.list(QUERY)).complete, true, `${i}: complete when it is healed`)
    }
  })
