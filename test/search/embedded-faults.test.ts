import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { create, switchTo } from '../../src/search/embedded/catalog.js'
import { connect } from '../../src/search/embedded/connection.js'
import { openFiles } from '../../src/search/embedded/files.js'
import { finish } from '../../src/search/embedded/finish.js'
import { openGeneration } from '../../src/search/embedded/generation.js'
import { embeddedIndex } from '../../src/search/embedded/index.js'
import { reasonOf } from '../../src/search/embedded/reasons.js'
import { APPLICATION, CATALOG_TABLES, FORM } from '../../src/search/embedded/tables.js'
import { write } from '../../src/search/embedded/write.js'
import type { IndexQuery } from '../../src/search/search-index.js'
import { documentOf, SHAPE } from '../../src/testing/conformance/documents.js'
import { embeddedHere } from './fixtures/in-process.js'

const { signal } = new AbortController()
const failed = (reason: string) => ({ code: 'index-failed', reason })

async function* inParts<T>(all: readonly T[]): AsyncIterable<readonly T[]> {
  yield all
}
const EVERYTHING: IndexQuery = {
  where: [],
  sort: [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }],
  limit: 10_000,
}
const documents = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    documentOf(n, { texts: { name: [`name ${n}`], note: [], labels: [] } }),
  )

/** Overwrites what is behind the first page. */
const garble = (file: string): void => {
  const fd = openSync(file, 'r+')
  const { size } = statSync(file)
  writeSync(fd, Buffer.alloc(size - 8_192, 0xa5), 0, size - 8_192, 8_192)
  closeSync(fd)
}

t.test('where there is nothing, nothing is made by asking', async t => {
  const folder = t.testdir()
  const index = embeddedHere(join(folder, 'index.db'))
  t.same(await index.generations(signal), [])
  await t.rejects(index.find('g1', EVERYTHING, signal), failed('NO_GENERATION'))
  await t.rejects(index.switchTo('g1', signal), failed('NO_GENERATION'))
  t.same(readdirSync(folder), [])
  writeFileSync(join(folder, 'index.db'), '')
  t.same(await index.generations(signal), [], 'an empty file is nothing')
  t.equal(await index.create(SHAPE, '{}', false, signal), 'g1')
  await index.close()
})

t.test('a file that is not ours is left alone', async t => {
  const folder = t.testdir()
  const path = join(folder, 'index.db')
  const index = embeddedHere(path)
  const refuses = async (reason: string): Promise<void> => {
    const before = statSync(path).size
    for (const call of [() => index.generations(signal), () => index.create(SHAPE, '{}', false, signal)])
      await t.rejects(call() as Promise<unknown>, {
        ...failed(reason),
        message: `the index did not answer (${reason})`,
      })
    t.equal(statSync(path).size, before)
  }
  const database = async (text: string): Promise<void> => {
    rmSync(path)
    const connection = connect(path)
    await connection.execute(text)
    connection.close()
  }
  writeFileSync(path, 'no database, but a text of some length '.repeat(100))
  await refuses('CORRUPT')
  await database('CREATE TABLE somebody_elses (x)')
  await refuses('NOT_AN_INDEX')
  await database(
    `CREATE TABLE t (x); PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${FORM + 1}`,
  )
  await refuses('NEWER_FORM')
  rmSync(path)
  t.same(await index.generations(signal), [], 'without a restart')
  await index.close()
})

t.test('a file that is damaged says so, and one that is put in its place answers', async t => {
  const [from, folder] = [t.testdir({ from: {}, to: {} }), join(t.testdirName, 'to')]
  const source = join(from, 'from', 'index.db')
  const first = embeddedHere(source)
  await first.create(SHAPE, '{}', false, signal)
  await first.write('g1', documents(2_000), signal)
  for (const name of ['index.db', 'index.db.g1']) {
    const connection = connect(join(from, 'from', name))
    await connection.all({ text: 'PRAGMA wal_checkpoint(TRUNCATE)', values: [] })
    connection.close()
    copyFileSync(join(from, 'from', name), join(folder, name))
  }
  await first.close()

  const path = join(folder, 'index.db')
  const file = `${path}.g1`
  const index = embeddedHere(path)
  t.equal((await index.find('g1', EVERYTHING, signal)).length, 2_000)
  copyFileSync(file, `${file}.bad`)
  garble(`${file}.bad`)
  renameSync(`${file}.bad`, file)
  for (let i = 0; i < 2; i++) {
    await t.rejects(index.find('g1', EVERYTHING, signal), failed('CORRUPT'))
    await t.rejects(index.write('g1', documents(1), signal), failed('CORRUPT'))
  }
  t.equal((await index.generations(signal)).length, 1, 'another file is as it was')
  copyFileSync(`${source}.g1`, `${file}.good`)
  renameSync(`${file}.good`, file)
  t.equal((await index.find('g1', EVERYTHING, signal)).length, 2_000)
  t.same(await index.write('g1', documents(1), signal), ['stale'])
  rmSync(file)
  await t.rejects(index.find('g1', EVERYTHING, signal), failed('NO_GENERATION'))
  await index.close()
})

t.test('while another process writes, all is read, and writing waits for it as long as it may', async t => {
  const path = join(t.testdir(), 'index.db')
  const index = embeddedHere(path)
  await index.create(SHAPE, '{}', false, signal)
  await index.write('g1', documents(10), signal)
  const other = connect(`${path}.g1`)
  let written: Promise<unknown> | undefined
  await other.transaction('write', signal, async () => {
    await other.execute('DELETE FROM docs')
    t.equal((await index.find('g1', EVERYTHING, signal)).length, 10)
    await t.rejects(index.write('g1', documents(11), signal), failed('BUSY'))
    written = index.write('g1', documents(12), signal)
    const controller = new AbortController()
    const given = t.rejects(index.write('g1', documents(13), controller.signal), new Error('enough'))
    controller.abort(new Error('enough'))
    await given
    await other.execute('ROLLBACK; BEGIN')
  })
  t.same(await written, [...new Array(10).fill('stale'), 'written', 'written'])
  t.equal((await index.find('g1', EVERYTHING, signal)).length, 12)
  other.close()
  await index.close()
})

t.test('where the disk is full nothing is half written, and then it goes on', async t => {
  const path = join(t.testdir(), 'index.db')
  const files = openFiles(path, CATALOG_TABLES)
  const work = { files, signal, say: () => {} }
  const name = await create(work, SHAPE, '{}', true)
  const generation = await openGeneration(files, name)
  const sent = documents(3_000).map(document => ({
    cell: document.cell,
    uuid: document.uuid,
    version: document.version,
    document: {
      digest: document.digest,
      record: document.record,
      values: generation.columns.all.map(column => column.of(document)),
    },
  }))
  const { connection } = generation
  const count = async (): Promise<unknown> =>
    (
      await connection.all({
        text: 'SELECT (SELECT count(*) FROM docs), (SELECT count(*) FROM heads)',
        values: [],
      })
    )[0]
  const full = async (call: () => Promise<unknown>): Promise<void> => {
    await t.rejects(
      call().catch(error => Promise.reject(new Error(reasonOf(error)))),
      { message: 'DISK_FULL' },
    )
  }
  await write(generation, signal, inParts(sent.slice(0, 100)))
  await connection.execute('PRAGMA max_page_count = 70')
  await full(() => write(generation, signal, inParts(sent)))
  t.same(await count(), [100, 100])
  await connection.execute('PRAGMA max_page_count = 1000000')
  await write(generation, signal, inParts(sent))
  t.same(await count(), [3_000, 3_000])
  const [pages] = (await connection.all({ text: 'PRAGMA page_count', values: [] }))[0]!
  await connection.execute(`PRAGMA max_page_count = ${pages}`)
  await full(() => finish(work, name))
  await t.rejects(switchTo(work, name), failed('REFUSED'))
  await connection.execute('PRAGMA max_page_count = 1000000')
  await finish(work, name)
  await switchTo(work, name)
  const index = embeddedHere(path)
  t.equal((await index.find(name, EVERYTHING, signal)).length, 3_000)
  const text = { words: ['name 2999'], fields: ['name'] }
  t.equal((await index.find(name, { ...EVERYTHING, text }, signal)).length, 1)
  await index.close()
  files.close()
})

t.test('a record that is none is poison, and keeps no other from being written', async t => {
  const path = join(t.testdir(), 'index.db')
  const index = embeddedHere(path)
  const name = await index.create(SHAPE, '{}', false, signal)
  const huge = documentOf(1, { record: 'x'.repeat(2 ** 26 + 1) })
  t.same(await index.write(name, [documentOf(0), huge, documentOf(2)], signal), [
    'written',
    'poison',
    'written',
  ])
  await index.close()
})

t.test('what is asked of a generation that is being filled is refused', async t => {
  const path = join(t.testdir(), 'index.db')
  const index = embeddedHere(path)
  const name = await index.create(SHAPE, '{}', true, signal)
  await index.write(name, documents(3), signal)
  await t.rejects(index.find(name, EVERYTHING, signal), failed('NOT_FINISHED'))
  await t.rejects(index.tally(name, { where: [] }, [], 1, signal), failed('NOT_FINISHED'))
  t.equal((await index.scan(name, { cell: 'cell-a', prefix: '', after: '', limit: 9 }, signal)).length, 3)
  await index.close()
})

t.test('what a process left that died is taken away by the next that makes a generation', async t => {
  const folder = t.testdir()
  const path = join(folder, 'index.db')
  const first = embeddedIndex({ path })
  await first.create(SHAPE, '{}', false, signal)
  await first.close()
  for (const name of ['index.db.g7', 'index.db.g7-wal', 'index.db.gone', 'index.db.g7.copy'])
    writeFileSync(join(folder, name), '')
  const index = embeddedIndex({ path })
  await index.create(SHAPE, '{}', false, signal)
  await index.close()
  t.same(readdirSync(folder).sort(), [
    'index.db',
    'index.db.g1',
    'index.db.g2',
    'index.db.g7.copy',
    'index.db.gone',
  ])
})

t.test('where no thread can begin a call says why, and the next goes well', async t => {
  const folder = t.testdir()
  const index = embeddedHere(join(folder, 'missing', 'index.db'))
  await t.rejects(index.create(SHAPE, '{}', false, signal), failed('UNREACHABLE'))
  mkdirSync(join(folder, 'missing'))
  t.equal(await index.create(SHAPE, '{}', false, signal), 'g1')
  await index.close()
})
