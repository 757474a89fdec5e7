import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connect } from '../../src/search/embedded/connection.js'
import type { SearchIndex } from '../../src/search/search-index.js'
import { documentOf, SHAPE } from '../../src/testing/conformance/documents.js'
import { embeddedHere } from './fixtures/in-process.js'

const { signal } = new AbortController()
const child = fileURLToPath(new URL('./fixtures/embedded-writer.ts', import.meta.url))

/** Runs the process until it has said enough, and kills it. */
const runUntil = async (args: readonly string[], enough: (said: string) => boolean): Promise<string> => {
  const writer = spawn(process.execPath, [...process.execArgv, child, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(writer, 'exit')
  let last = ''
  for await (const line of createInterface({ input: writer.stdout })) {
    last = line
    if (enough(line)) writer.kill('SIGKILL')
  }
  await exit
  return last
}

const idsOf = async (index: SearchIndex, generation: string, text?: string): Promise<unknown[]> => {
  const sort = [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }] as const
  const words = text === undefined ? {} : { text: { words: [text], fields: ['name'] } }
  return (await index.find(generation, { where: [], sort, limit: 10_000, ...words }, signal)).map(
    ({ at }) => at[0],
  )
}

const isWhole = async (file: string): Promise<void> => {
  const connection = connect(file)
  t.same(await connection.all({ text: 'PRAGMA integrity_check', values: [] }), [['ok']])
  connection.close()
}

t.test(
  'whatever was said to be written is there after the process was killed, and nothing by half',
  async t => {
    const path = join(t.testdir(), 'index.db')
    const index = embeddedHere(path)
    const name = await index.create(SHAPE, '{}', false, signal)
    let count = 0
    for (const more of [200, 1_000, 450]) {
      const said = Number(
        await runUntil(['write', path, name, `${count}`], said => Number(said) >= count + more),
      )
      const ids = await idsOf(index, name)
      t.ok(ids.length >= said && ids.length % 50 === 0, `${ids.length} of ${said}`)
      t.same(
        ids,
        Array.from(ids, (_, i) => i),
      )
      for (const id of [0, said - 1, ids.length - 1]) t.same(await idsOf(index, name, `<${id}>`), [id])
      t.same(
        (await index.tally(name, { where: [{ member: 'tags', in: ['tag 3'] }] }, [], 1, signal))[0]!.count,
        Math.floor((ids.length + 3) / 7),
      )
      count = ids.length
      await isWhole(`${path}.${name}`)
    }
    t.same(await index.write(name, [documentOf(0), documentOf(count)], signal), ['stale', 'written'])
    await index.close()
  },
)

t.test('a generation whose indexing was killed is finished by the next', async t => {
  const path = join(t.testdir(), 'index.db')
  const index = embeddedHere(path)
  const name = await index.create(SHAPE, '{}', true, signal)
  const count = 25_000
  for (let n = 0; n < count; n += 5_000)
    await index.write(
      name,
      Array.from({ length: 5_000 }, (_, i) =>
        documentOf(n + i, { texts: { name: [`<${n + i}>`], note: [], labels: [] } }),
      ),
      signal,
    )
  await runUntil(['finish', path, name], () => true)
  await isWhole(`${path}.${name}`)
  t.match(await index.generations(signal), [{ name, ready: false }])
  await index.finish(name, signal)
  for (const id of [0, 19_999, 20_000, 24_999]) t.same(await idsOf(index, name, `<${id}>`), [id])
  t.equal((await index.tally(name, { where: [] }, [], 1, signal))[0]!.count, count)
  await isWhole(`${path}.${name}`)
  await index.close()
})
