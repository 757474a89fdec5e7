import assert from 'node:assert/strict'
import { type ConformanceCase, callsOf, fill, idsOf, inGeneration, refuses, signal } from './case.js'
import { documentOf, SHAPE } from './documents.js'
import { times } from './random.js'

const callsWith = (index: Parameters<typeof callsOf>[0], generation: string, signal: AbortSignal) => ({
  generations: () => index.generations(signal),
  create: () => index.create(SHAPE, '{}', false, signal),
  ...callsOf(index, generation, signal),
})

export const ending: readonly ConformanceCase[] = [
  {
    name: 'a call whose signal has aborted rejects with its reason, and does nothing',
    run: index =>
      inGeneration(index, async generation => {
        await fill(index, generation, [documentOf(1)])
        const before = (await index.generations(signal)).map(({ name, current }) => `${name} ${current}`).sort()
        for (const reason of ['DEADLINE', new Error('enough'), { reason: 7 }])
          for (const [name, call] of Object.entries(callsWith(index, generation, AbortSignal.abort(reason))))
            await assert.rejects(
              call(),
              (thrown: unknown) => {
                assert.equal(thrown, reason, name)
                return true
              },
              name,
            )
        assert.deepEqual(
          (await index.generations(signal)).map(({ name, current }) => `${name} ${current}`).sort(),
          before,
        )
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1])
        assert.equal((await index.notes(generation, '', signal)).size, 0)
      }),
  },
  {
    name: 'a call whose signal aborts meanwhile gives its answer or the reason, and the next goes well',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          times(500, n => documentOf(n, { texts: { name: [`name ${n}`], note: ['note'], labels: [] } })),
        )
        const reads = ['find', 'tally', 'scan', 'buckets', 'notes', 'refresh'] as const
        for (const [round, name] of [...reads, ...reads, ...reads].entries()) {
          const controller = new AbortController()
          const reason = new Error(`enough of ${name}`)
          const asked = callsOf(index, generation, controller.signal)[name]!().catch(
            (thrown: unknown) => thrown,
          )
          if (round >= reads.length) await new Promise(resolve => setImmediate(resolve))
          controller.abort(reason)
          const answer = await asked
          assert.ok(answer === reason || !(answer instanceof Error), `${name}: ${answer}`)
        }
        const where = [{ key: 'id', is: 'gte', value: 498 }] as const
        assert.deepEqual(await idsOf(index, generation, { where }), [498, 499])
      }),
  },
  {
    name: 'many ask at once',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          times(60, n => documentOf(n)),
        )
        const answers = await Promise.all(
          times(60, n => idsOf(index, generation, { where: [{ key: 'id', is: 'lt', value: n }] })),
        )
        assert.deepEqual(
          answers.map(ids => ids.length),
          times(60, n => n),
        )
      }),
  },
  {
    name: 'one that is closed says so, twice is no harm, and others go on',
    run: (index, again) =>
      inGeneration(index, async generation => {
        const other = again()
        await fill(other, generation, [documentOf(1)])
        await other.close()
        await other.close()
        for (const call of Object.values(callsWith(other, generation, signal))) await refuses(call(), 'CLOSED')
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1])
      }),
  },
]
