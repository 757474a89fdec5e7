import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Cells, openCells, type SearchIndex } from '../../src/index.js'
import { connect } from '../../src/search/embedded/connection.js'
import { openEmbedded } from '../../src/search/embedded/embedded.js'
import type { Wire } from '../../src/search/embedded/thread.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { realThreads } from '../search/fixtures/real-threads.js'
import { fill } from './fixtures/filled-index.js'
import { indexAnswers, outage, QUERY } from './fixtures/outage.js'

/** Whatever happens to the files and threads of an embedded index, a request is answered, and the index is used again when it can be. */

const local = await startLocalCells({ cells: 3, cell0: false, instances: [60, 50, 40] })
t.teardown(() => local.stop())
const { signal } = new AbortController()

const root = mkdtempSync(join(tmpdir(), 'crosscell-index-'))
t.teardown(() => rmSync(root, { recursive: true, force: true }))
const threads = realThreads(join(t.testdir(), 'code'))
const CATALOG = 'index.db'
const GENERATION = 'index.db.g1'

/** An index whose files are whole by themselves, to be copied. */
const filled = join(root, 'filled')
const making = join(root, 'making')
mkdirSync(filled)
mkdirSync(making)
{
  const index = threads.open(join(making, CATALOG))
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
  await fill(index, local.apiDatabase!)
  await cells.close()
  for (const name of [CATALOG, GENERATION]) {
    const connection = connect(join(making, name))
    await connection.all({ text: 'PRAGMA wal_checkpoint(TRUNCATE)', values: [] })
    connection.close()
    copyFileSync(join(making, name), join(filled, name))
  }
}

let folders = 0
/** A folder of its own for each test, with the index in it. */
const copied = (): string => {
  const folder = join(root, `${++folders}`)
  cpSync(filled, folder, { recursive: true })
  return folder
}

const opened = async (t: Test, index: SearchIndex): Promise<Cells> => {
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
  t.teardown(() => cells.close())
  return cells
}
const openIn = (t: Test, folder: string): Promise<Cells> => opened(t, threads.open(join(folder, CATALOG)))

/** Puts a file in the place of another, as whoever copies a backup back does. */
const put = (folder: string, name: string, change: (file: string) => void): void => {
  const made = join(folder, `${name}.made`)
  copyFileSync(join(filled, name), made)
  change(made)
  renameSync(made, join(folder, name))
}

const overwrite = (file: string): void => writeFileSync(file, readFileSync(file).fill(0xa5, 4_096))
const cutOff = (file: string): void => truncateSync(file, 8_192)
const foreign = (file: string): void =>
  writeFileSync(file, 'no database, but a text of some length '.repeat(500))
const whole = (): void => {}

t.jobs = 6

for (const [name, what, change] of [
  [CATALOG, 'overwritten', overwrite],
  [GENERATION, 'overwritten', overwrite],
  [GENERATION, 'replaced by something else', foreign],
] as const)
  t.test(`${name} is ${what}`, { buffered: true }, async t => {
    const folder = copied()
    const cells = await openIn(t, folder)
    await indexAnswers(t, cells)
    await outage(t, cells, {
      begin: () => put(folder, name, change),
      end: () => put(folder, name, whole),
    })
  })

for (const [name, what, change] of [
  [CATALOG, 'something else', foreign],
  [GENERATION, 'cut off', cutOff],
] as const)
  t.test(`${name} is ${what} at the start`, { buffered: true }, async t => {
    const folder = copied()
    change(join(folder, name))
    await outage(t, await openIn(t, folder), { begin: () => {}, end: () => put(folder, name, whole) })
  })

t.test('the files are replaced by others that are whole', { buffered: true }, async t => {
  const folder = copied()
  const cells = await openIn(t, folder)
  await indexAnswers(t, cells)
  const { items } = await cells.instances.list(QUERY, { source: 'index' })
  for (const name of [CATALOG, GENERATION]) {
    put(folder, name, whole)
    t.same((await cells.instances.list(QUERY, { source: 'index' })).items, items)
  }
})

t.test('there is no folder at the start', { buffered: true }, async t => {
  const folder = join(root, 'later')
  await outage(t, await openIn(t, folder), {
    reason: 'index-empty',
    begin: () => {},
    end: () => cpSync(filled, folder, { recursive: true }),
  })
})

/** Another process that has a file to itself, until it is told to end. */
const lock = async (t: Test, file: string, how: string): Promise<ChildProcess> => {
  const code = `const database = new (require('libsql'))(process.argv[1]); database.exec(process.argv[2])
    console.log('locked'); process.stdin.resume()`
  const other = spawn(process.execPath, ['-e', code, file, how], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => other.kill('SIGKILL'))
  const [said] = await Promise.race([once(other.stdout!, 'data'), once(other, 'exit')])
  t.equal(`${said}`, 'locked\n')
  return other
}
const unlock = async (other: ChildProcess): Promise<void> => {
  other.kill('SIGKILL')
  await once(other, 'exit')
}

t.test('another process writes', { buffered: true }, async t => {
  const folder = copied()
  const cells = await openIn(t, folder)
  for (const name of [CATALOG, GENERATION]) {
    const other = await lock(t, join(folder, name), 'BEGIN EXCLUSIVE')
    await indexAnswers(t, cells)
    t.equal((await cells.instances.list(QUERY, { source: 'index' })).source, 'index', 'nobody waits for it')
    await unlock(other)
  }
})

for (const name of [CATALOG, GENERATION])
  t.test(`another process has ${name} to itself`, { buffered: true }, async t => {
    const folder = copied()
    const exclusive = 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'
    const other = await lock(t, join(folder, name), exclusive)
    await outage(t, await openIn(t, folder), { deadline: 3_000, begin: () => {}, end: () => unlock(other) })
  })

t.test('a thread dies', { buffered: true }, async t => {
  const path = join(copied(), CATALOG)
  let dying = false
  const begun: ReturnType<typeof threads.start>[] = []
  /** Dies while it does a job. */
  const start = (): Wire => {
    const worker = threads.start(path)
    begun.push(worker)
    const { postMessage } = worker
    worker.postMessage = (told: Parameters<Wire['postMessage']>[0]) => {
      postMessage.call(worker, told)
      if (dying && typeof told === 'object' && 'verb' in told) void worker.terminate()
    }
    return worker
  }
  const cells = await opened(t, openEmbedded(start))
  await indexAnswers(t, cells)
  await Promise.all(begun.map(worker => worker.terminate()))
  t.equal(
    (await cells.instances.list(QUERY, { source: 'index' })).source,
    'index',
    'at rest: another one begins',
  )
  await outage(t, cells, {
    begin: () => {
      dying = true
    },
    end: () => {
      dying = false
    },
  })
})

/** A file system of its own, small. */
const mounted = (t: Test, options: string): string | undefined => {
  const folder = join(root, `mounted-${++folders}`)
  mkdirSync(folder)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  if (status !== 0) return undefined
  t.teardown(() => spawnSync('umount', ['-l', folder]))
  return folder
}
const CANT = 'no file system may be mounted here'

t.test('a disk that is full', { buffered: true }, async t => {
  const folder = mounted(t, 'size=16m')
  if (folder === undefined) return t.comment(CANT)
  cpSync(filled, folder, { recursive: true })
  const filler = join(folder, 'filler')
  const fillUp = (): void => {
    t.throws(() => writeFileSync(filler, Buffer.alloc(2 ** 24)), { code: 'ENOSPC' })
  }
  fillUp()
  const index = threads.open(join(folder, CATALOG))
  const cells = await opened(t, index)
  await outage(t, cells, { begin: () => {}, end: () => rmSync(filler) })
  fillUp()
  const gone = Array.from({ length: 4_000 }, (_, i) => {
    const uuid = `f0000000-0000-4000-8000-${String(i).padStart(12, '0')}`
    return { cell: local.cells[0]!.uuid, uuid, version: 1, gone: true } as const
  })
  await t.rejects(index.write('g1', gone, signal), { code: 'index-failed', reason: 'DISK_FULL' })
  await indexAnswers(t, cells)
  t.equal((await cells.instances.list(QUERY, { source: 'index' })).source, 'index', 'what is there is read')
  rmSync(filler)
  t.ok((await index.write('g1', gone, signal)).every(outcome => outcome === 'written'))
  await indexAnswers(t, cells)
})

t.test('a folder that may not be written', { buffered: true }, async t => {
  const folder = mounted(t, 'size=16m')
  if (folder === undefined) return t.comment(CANT)
  cpSync(filled, folder, { recursive: true })
  const remount = (how: string): void => {
    t.equal(spawnSync('mount', ['-o', `remount,${how}`, folder]).status, 0)
  }
  remount('ro')
  await outage(t, await openIn(t, folder), { begin: () => {}, end: () => remount('rw') })
})
