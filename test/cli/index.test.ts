import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { IndexArguments } from '../../src/cli/indexing/arguments.js'
import { needed } from '../../src/cli/indexing/needed.js'
import { rebuildIndex } from '../../src/cli/indexing/rebuild.js'
import { runIndex } from '../../src/cli/indexing/run.js'
import { rollbackIndex, statusOfIndex } from '../../src/cli/indexing/status.js'
import { verifyIndex } from '../../src/cli/indexing/verify.js'
import { IndexError } from '../../src/errors.js'
import { openCells } from '../../src/index.js'
import { createIndexer, type Indexer } from '../../src/indexing/index.js'
import { memoryIndex, startLocalCells } from '../../src/testing/index.js'
import { command, screen, until } from './fixtures/command.js'
import { lines } from './fixtures/everything.js'

const local = await startLocalCells({
  cells: 2,
  cell0: false,
  servers: 'own',
  instances: [300, 200],
  bufferPoolMB: 16,
})
t.teardown(local.stop)
const folder = mkdtempSync(join(tmpdir(), 'crosscell-index-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const env = { CROSSCELL_API_DB: local.apiDatabase }
const EMBEDDED = { env: { ...env, CROSSCELL_INDEX: join(folder, 'index.db') } }
const NOWHERE = ['--opensearch', 'http://u:s3cret@127.0.0.1:1']
const index = (verb: string, ...argv: string[]) => command(['index', verb, ...NOWHERE, ...argv], { env })

const memory = memoryIndex()
let full = false
const filling =
  <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    if (full) throw new IndexError('DISK_FULL')
    return write(...args)
  }
/** An index that may be full. */
const limited = { ...memory, write: filling(memory.write), setNote: filling(memory.setNote) }
const cells = await openCells({ apiDatabase: local.apiDatabase!, index: limited })
t.teardown(() => cells.close())
const indexer = createIndexer(cells)

type Verb = typeof verifyIndex

/** One command on the index in memory. With `columns` on a terminal. */
const does = async (verb: Verb, args: Partial<IndexArguments> = {}, columns?: number) => {
  const [stdout, stderr] = [screen(columns), screen(columns)]
  const { signal } = new AbortController()
  const code = await verb(indexer, args, { argv: [], env: {}, stdout, stderr, signal })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
const json = { json: true } as const
const objects = (stdout: string) => lines(stdout).map(line => JSON.parse(line))

t.test('an index that holds nothing is not true', async t => {
  const { code, stdout, stderr } = await does(statusOfIndex)
  t.match({ code, stderr }, { code: 4, stderr: 'memory: nothing answers\n' })
  t.match(lines(stdout), [/^cell +state/, /^cell1 +unknown +- +- +- +0 +-$/, /^cell2 +unknown/])
  t.match(objects((await does(statusOfIndex, json)).stdout), [
    { index: 'memory', generation: null, cells: [{ name: 'cell1', state: 'unknown' }, { name: 'cell2' }] },
  ])
})

t.test('rebuild says how far it is, a line at a time', async t => {
  const { code, stdout, stderr } = await does(rebuildIndex)
  t.equal(code, 0)
  t.match(stdout, /^\S+ answers now: 500 rows in [\d.]+ s, [\d,]+ rows\/s, 0 mended\n$/)
  t.match(lines(stderr).at(0), /^filling \S+, \d+ %$/)
  t.match(lines(stderr).slice(-3), [/^filling \S+, 100 %/, /^finishing \S+, 100 %/, /^verifying \S+, 100 %$/])
})

t.test('as JSON; and back', async t => {
  const [{ generation }] = objects((await does(statusOfIndex, json)).stdout)
  const { code, stdout, stderr } = await does(rebuildIndex, json)
  t.match({ code, stderr }, { code: 0, stderr: '' })
  const said = objects(stdout)
  t.match(said[0], { phase: 'filling', cells: [{ state: 'filling' }] })
  t.match(said.at(-1), { phase: 'switched', documents: 500, resumed: false, mended: 0 })
  t.match(await does(rollbackIndex), { code: 0, stdout: `${generation} answers now\n`, stderr: '' })
  await does(rebuildIndex)
  t.match(objects((await does(rollbackIndex, json)).stdout), [{ generation }])
})

t.test('on a terminal it is one line that changes', async t => {
  const { stdout, stderr } = await does(rebuildIndex, {}, 120)
  t.match(stdout, /answers now/)
  t.notMatch(stderr, /filling \S+, \d+ %/)
  t.match(stderr, /looking at the index/)
})

t.test('verify: 0 when all is true, 4 while something differs that nobody mends', async t => {
  const same = await does(verifyIndex)
  t.match(same, { code: 0, stderr: '' })
  t.match(lines(same.stdout), [
    /^cell +records +drift +mended +withheld +rows$/,
    /^cell1 +300 +0 +0 +0 +[\d,]+$/,
    /^cell2 +200 +0 +0 +0 +[\d,]+$/,
  ])
  await local.query('cell1', `UPDATE instances SET display_name = 'silently' ORDER BY id LIMIT 3`)
  const checked = await does(verifyIndex, { ...json, check: true })
  t.match(checked, { code: 4, stderr: '' })
  t.match(objects(checked.stdout), [
    { name: 'cell1', records: 300, drift: 3, mended: 0, withheld: 0, error: null },
    { name: 'cell2', drift: 0 },
  ])
  t.match(await does(verifyIndex), { code: 0, stdout: /^cell1 +300 +3 +3 +0 /m, stderr: '' })
  t.match(await does(verifyIndex, { check: true }), { code: 0 })
})

/** Runs the indexer until something is said. */
const runs = async (wanted: RegExp, args: Partial<IndexArguments> = {}, columns?: number) => {
  const over = new AbortController()
  const [stdout, stderr] = [screen(columns), screen(columns)]
  const context = { argv: [], env: {}, stdout, stderr, signal: over.signal }
  const running = runIndex(indexer, args, context)
  await until(async () => {
    await new Promise(setImmediate)
    return wanted.test(stdout.text() + stderr.text())
  })
  over.abort()
  return { code: await running, stdout: stdout.text(), stderr: stderr.text() }
}

t.test('what is gone all at once is withheld until somebody says --remove', async t => {
  await local.query('cell2', 'RENAME TABLE instances TO kept')
  await local.query('cell2', 'CREATE TABLE instances LIKE kept')
  const withheld = await does(verifyIndex)
  t.match(withheld, { code: 4, stdout: /^cell2 +0 +200 /m })
  t.match(withheld.stderr, /^crosscell: warning: \d+ documents of cell2 are withheld: .* --remove\n$/)
  const ran = await runs(/^\d+ documents of cell2 are withheld/m)
  t.match(ran, { code: 0, stderr: '' })
  const { code, stderr } = await does(statusOfIndex)
  t.equal(code, 4)
  t.match(stderr, /answers\n\d+ documents of cell2 are withheld/)
  t.match(await does(verifyIndex, { remove: true }), { code: 0, stderr: '' })
  await local.query('cell2', 'DROP TABLE instances')
  await local.query('cell2', 'RENAME TABLE kept TO instances')
  t.match(await does(verifyIndex), { code: 0, stdout: /^cell2 +200 +200 +200 /m })
})

t.test('run says what changes, and status that it is true', async t => {
  const ran = await runs(/^cell1: fresh\n(.*\n)*cell2: fresh$/m)
  t.match(ran, { code: 0, stderr: '' })
  t.match(lines(ran.stdout)[0], /^memory: \S+ answers$/)
  const { code, stdout } = await does(statusOfIndex)
  t.ok([0, 4].includes(code), 'a slow host may be late')
  t.match(lines(stdout)[1], /^cell1 +\w+ +[\d.]+ s +20[\d-]+T[\d:.]+Z +\d+ +0 +\S+ \d+ [0-9a-f]{6}$/)
  const [said] = objects((await runs(/"state":"fresh"/, json)).stdout)
  t.match(said, { at: /Z$/, index: 'memory', cells: [{ name: 'cell1', waiting: 0, poison: 0 }], feeds: [] })
  t.equal((await runs(/cell1 \w+ [\d.]+ s, cell2 \w+ /, {}, 120)).code, 0)
})

t.test('an index that takes nothing is known by its indexer, and not for ever', async t => {
  const over = new AbortController()
  const stdout = screen()
  const context = { argv: [], env: {}, stdout, stderr: screen(), signal: over.signal }
  const running = runIndex(indexer, {}, context)
  const says = (wanted: RegExp) =>
    until(async () => {
      await new Promise(setImmediate)
      return wanted.test(stdout.text())
    })
  await says(/^cell1: fresh$/m)
  full = true
  await says(/^cell1: down \(index DISK_FULL\)$/m)
  full = false
  await says(/DISK_FULL(.*\n)*cell1: fresh$/m)
  over.abort()
  t.equal(await running, 0)
})

t.test('a cell that is down', async t => {
  await local.stopCell('cell2')
  t.match(await does(verifyIndex), {
    code: 3,
    stdout: /^cell1 +300 +0 +0 +0 +[\d,]+\ncell2 +- +- +- +- +-$/m,
    stderr: /^crosscell: warning: cell2 was not compared \((ECONNREFUSED|ENOENT)\)\n$/,
  })
  const ran = await runs(/^cell2: (down|stale) \((ECONNREFUSED|ENOENT)\)$/m)
  t.equal(ran.code, 0)
})

t.test('the whole command: arguments, environment, files', async t => {
  t.match(await index('verify'), {
    code: 1,
    stdout: '',
    stderr: 'crosscell: index-failed: the index did not answer (UNREACHABLE)\n',
  })
  t.match(await index('run', '--poll-interval', '1'), {
    code: 2,
    stderr: /^crosscell: invalid-option: \/pollInterval: /,
  })
  t.match(await index('run', '--share', 'half'), { code: 2, stderr: /\/share: / })
  t.match(await index('status', '--statement-timeout', 'x'), { code: 2, stderr: /\/statementTimeout: / })
  t.match(await index('status', '--prefix', '_'), { code: 2, stderr: /\/prefix: / })
  t.match(await command(['index', 'rollback'], EMBEDDED), {
    code: 1,
    stdout: '',
    stderr: "crosscell: indexing-refused: the index can't be tended: no-generation\n",
  })
})

t.test('an index that does not answer is no reason to end', async t => {
  const stdout = screen()
  const over = new AbortController()
  const running = command(['index', 'run', ...NOWHERE, '--json'], { env, stdout, signal: over.signal })
  await until(async () => {
    await new Promise(setImmediate)
    return stdout.text() !== ''
  })
  over.abort()
  t.match(await running, { code: 0, stderr: '' })
  t.match(objects(stdout.text()), [{ at: /Z$/, error: 'UNREACHABLE' }])
})

t.test('feeds: what they are told, and how they are', async t => {
  t.match(await index('run', '--rabbitmq', 'http://u:s3cret@h/'), {
    code: 2,
    stderr: /^crosscell: invalid-option: \/url: (?!.*s3cret)/,
  })
  const over = new AbortController()
  const stdout = screen()
  const nowhere = 'amqp://u:s3cret@127.0.0.1:1/'
  const buses = ['--rabbitmq', nowhere, '--rabbitmq', `cell1=${nowhere}`]
  const more = ['--exchange', 'e', '--topics', 'a,b', '--queue', 'q', '--drain']
  const running = command(['index', 'run', ...buses, ...more], { ...EMBEDDED, stdout, signal: over.signal })
  await until(async () => {
    await new Promise(setImmediate)
    return /ECONNREFUSED.*ECONNREFUSED/s.test(stdout.text())
  })
  over.abort()
  t.match(await running, { code: 0, stderr: '' })
  t.match(stdout.text(), /^feed rabbitmq1: connecting \(ECONNREFUSED\)$/m)
  t.match(stdout.text(), /^feed cell1: connecting \(ECONNREFUSED\)$/m)
  t.notMatch(stdout.text(), /s3cret|127\.0/)
})

t.test('what no cell and no index can be blamed for', async t => {
  const context = {
    argv: [],
    env: {},
    stdout: screen(),
    stderr: screen(),
    signal: new AbortController().signal,
  }
  const built = { generation: 'g9', documents: 5, ms: 10, resumed: true, mended: 2 }
  const fake = (verbs: Partial<Indexer>) => verbs as Indexer
  t.equal(await rebuildIndex(fake({ rebuild: async () => built }), {}, context), 0)
  t.match(context.stdout.text(), /, resumed, 2 mended\n$/)

  const bug = new TypeError('a bug')
  const never: Indexer['run'] = () => new Promise(() => {})
  await t.rejects(runIndex(fake({ run: never, status: () => Promise.reject(bug) }), {}, context), bug)
  const status: Indexer['status'] = ({ signal } = {}) =>
    new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
  await t.rejects(runIndex(fake({ run: () => Promise.reject(bug), status }), {}, context), bug)
})

t.test('what needs a package that is not there says which', async t => {
  const missing = Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' })
  await t.rejects(
    needed('some-package', () => Promise.reject(missing)),
    { code: 'missing-package', message: 'this needs some-package: npm install some-package' },
  )
  const other = new Error('other')
  await t.rejects(
    needed('some-package', () => Promise.reject(other)),
    other,
  )
})
