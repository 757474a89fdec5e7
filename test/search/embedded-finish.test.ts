import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connect } from '../../src/search/embedded/connection.js'
import type { IndexDocument, SearchIndex, Wanted } from '../../src/search/search-index.js'
import { documentOf, SHAPE } from '../../src/testing/conformance/documents.js'
import { embeddedHere } from './fixtures/in-process.js'

const { signal } = new AbortController()

const named = (n: number, name: string, own: Partial<IndexDocument> = {}): IndexDocument =>
  documentOf(n, { texts: { name: [name], note: [], labels: [] }, ...own })
const at = (digits: string): IndexDocument['addresses'] => [{ digits, text: `.${digits}` }]

/** A generation that was filled, and how to do something to its file. */
const filled = async (
  t: Test,
  count: number,
): Promise<{ index: SearchIndex; name: string; alter: (text: string) => Promise<void> }> => {
  const path = join(t.testdir(), 'index.db')
  const index = embeddedHere(path)
  t.teardown(() => index.close())
  const name = await index.create(SHAPE, '{}', true, signal)
  const documents = Array.from({ length: count }, (_, n) => named(n, `<${n}>`, { addresses: at('0a00000a') }))
  await index.write(name, documents, signal)
  const alter = async (text: string): Promise<void> => {
    const connection = connect(`${path}.${name}`)
    await connection.execute(text)
    connection.close()
  }
  return { index, name, alter }
}

const idsOf = async (index: SearchIndex, name: string, wanted: Wanted): Promise<unknown[]> => {
  const sort = [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }] as const
  return (await index.find(name, { sort, limit: 100, ...wanted }, signal)).map(({ at }) => at[0])
}
const word = (text: string): Wanted => ({ where: [], text: { words: [text], fields: ['name'] } })
const address = (digits: string): Wanted => ({ where: [{ address: { first: digits, last: digits } }] })

t.test('what is written while it is indexed is found like all else', async t => {
  const { index, name, alter } = await filled(t, 10)
  await index.write(name, [named(7, 'before', { version: 1_500, addresses: at('0a00000b') })], signal)
  // As one that was killed has left it.
  await alter(`UPDATE about SET state = 'indexing'`)
  const { cell, uuid } = named(4, '')
  await index.write(
    name,
    [
      named(2, 'other', { version: 2_000, addresses: at('0a00000b') }),
      { cell, uuid, version: 2_000, gone: true },
      named(10, 'newest', { addresses: at('0a00000b') }),
    ],
    signal,
  )
  await t.rejects(idsOf(index, name, word('newest')), { code: 'index-failed', reason: 'NOT_FINISHED' })
  await index.finish(name, signal)
  t.same(await idsOf(index, name, word('other')), [2])
  t.same(await idsOf(index, name, word('newest')), [10])
  t.same(await idsOf(index, name, word('before')), [7])
  t.same(await idsOf(index, name, word('<2>')), [])
  t.same(await idsOf(index, name, word('<4>')), [])
  t.same(await idsOf(index, name, word('<9>')), [9])
  t.same(await idsOf(index, name, address('0a00000b')), [2, 7, 10])
  t.same(await idsOf(index, name, address('0a00000a')), [0, 1, 3, 5, 6, 8, 9])
})

t.test('one that is finished twice at once is finished, and what is written then stays', async t => {
  const { index, name } = await filled(t, 10)
  const both = [index.finish(name, signal), index.finish(name, signal)]
  await Promise.race(both)
  await index.write(name, [named(3, 'afterwards', { version: 2_000 })], signal)
  await Promise.all(both)
  await index.finish(name, signal)
  t.same(await idsOf(index, name, word('afterwards')), [3])
  t.same(await idsOf(index, name, word('<5>')), [5])
})

t.test('one that could not be finished is finished later', async t => {
  const { index, name, alter } = await filled(t, 10)
  await alter('CREATE TABLE by_order_1 (a)')
  await t.rejects(index.finish(name, signal), { code: 'index-failed' })
  t.match(await index.generations(signal), [{ name, ready: false }])
  await alter('DROP TABLE by_order_1')
  await index.finish(name, signal)
  t.same(await idsOf(index, name, word('<5>')), [5])
})
