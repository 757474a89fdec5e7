import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { openPool } from '../../src/cells/pool.js'
import { heedingWarnings } from '../../src/cells/regexp-warning.js'
import type { Run } from '../../src/cells/send.js'
import { openCells } from '../../src/index.js'
import { sql } from '../../src/sql/fragment.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { checkRegexp } from '../../src/validation/regexp.js'
import { seed } from '../fixtures/seed.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: 40, relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())
const isMySQL = local.server('cell1').kind === 'mysql'

const problemOf = (text: string): string | undefined => {
  try {
    checkRegexp(text, '/path')
    return undefined
  } catch (error) {
    const { code, path, message } = error as { code: string; path: string; message: string }
    if (code !== 'invalid-filter-value' || path !== '/path') throw error
    return /, (.*); expected/.exec(message)![1]
  }
}

t.test('what people filter by is taken', async t => {
  for (const text of [
    '^web',
    'web-[0-9]+$',
    '.*web.*prod.*',
    '^(web|db|mq)-[a-z]{2}[0-9]{2,4}\\.example\\.(com|org)$',
    '^(\\d{1,3}\\.){3}\\d{1,3}$',
    '[[:alpha:]_-][^[:space:]]*',
    '(?:a|b)?c*?d{2,}',
    '\\bweb\\b|\\Bdb\\B',
    '\\$\\(\\[\\]\\{\\}\\)\\^\\|\\\\\\/\\-\\_\\t',
    '[-a-z&\\]\\[\\w-]',
    '[a&b|c~]',
    'größe|名前|😀+',
    'a|',
    '()',
  ])
    t.equal(problemOf(text), undefined, text)
})

t.test('what the two makes read differently is not sent', async t => {
  const different = [
    'a{,3}',
    'a{',
    '}',
    ']',
    '\\q',
    '\\u0041',
    '\\N',
    '\\K',
    '\\G',
    '\\x41',
    '\\pL',
    '\\1',
    '\\8',
    '\\0',
    '\\cA',
    '\\',
    '\0',
    '[a\0]',
    'a++',
    'a**',
    '^*',
    '*',
    '[]',
    '[]a]',
    '[[:<:]]',
    '[[:foo:]]',
    '[[.a.]]',
    '[a&&b]',
    '[a--b]',
    '[a[b]',
    '[[a]]',
    '[\\b]',
    '[\\w-z]',
    '[a',
  ]
  for (const text of different)
    t.equal(problemOf(text), 'what the servers read differently, or not at all', text)
  for (const text of [
    '(?i)a',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    '(?>a)',
    '(?<n>a)',
    '(?P<n>a)',
    '(?R)',
    '(?1)',
    '(?#a)',
    '(?(1)a)',
  ])
    t.equal(problemOf(text), 'a group of a special kind', text)
  t.equal(problemOf('(*LIMIT_MATCH=1)a'), 'what the servers read differently, or not at all')
  for (const text of ['(^)*', '()+', '(a?){2}', '(a|){1,2}', '(\\b|a*)*?'])
    t.equal(problemOf(text), 'a repeat of what may be empty')
  t.equal(problemOf('(a'), 'a group without an end')
  t.equal(problemOf('a)b'), 'a group that ends without a beginning')
})

/** Each of them takes more steps than there is time for, on one server or on both. */
const CATASTROPHES = [
  '(a+)+$',
  '(a*)*b',
  '(a|a)*b',
  '(a|aa)+$',
  '(.*a){12}',
  '^(a?){30}a{30}$',
  `${'a?'.repeat(30)}b`,
  `${'(a|a)'.repeat(30)}b`,
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '([a-z]+-)*$',
  '(.*)(.*)(.*)(.*)[^a]',
  '((a{1,20}){1,20}){1,20}b',
  'a*a*a*a*b',
  '(a{0,9}){9}b',
]

t.test('what can match in too many ways is not sent', async t => {
  for (const text of CATASTROPHES) t.match(problemOf(text), /^too many ways|may be empty$/, text)
  for (const text of ['a{1001}', '((a{20}){20}){20}', '(a{2,}){501}'])
    t.match(problemOf(text), /^(more than 1000 repeats|too many ways)/, text)
  t.equal(problemOf('((a{10}){10}){10}'), undefined)
})

/** Expressions of what is taken, and what JavaScript reads in the same way. */
const expression: fc.Arbitrary<string> = fc.letrec<{ choice: string; sequence: string; piece: string }>(tie => {
  const literal = fc.constantFrom(...'abcABZ019_ ~&-#'.split(''), '\\.', '\\-', '\\*', '\\[', '\\]', '\\\\')
  const member = fc.oneof(
    literal.filter(text => text !== '-' && text !== '&'),
    fc.constantFrom(
      'a-c',
      'B-Z',
      '0-9',
      '\\d',
      '\\s',
      '\\w',
      '[:digit:]',
      '[:alpha:]',
      '[:alnum:]',
      '[:space:]',
      '[:^digit:]',
    ),
  )
  const aClass = fc
    .tuple(fc.constantFrom('', '^'), fc.array(member, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '-'))
    .map(([not, members, dash]) => `[${not}${members.join('')}${dash}]`)
  const atom = fc.oneof(literal, aClass, fc.constantFrom('.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S'))
  const times = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?', '??', '{1,2}?')
  const group = fc
    .tuple(fc.constantFrom('(', '(?:'), tie('choice'))
    .map(([begin, inside]) => `${begin}${inside})`)
  return {
    piece: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('^', '$', '\\b', '\\B'),
      fc.tuple(atom, times).map(parts => parts.join('')),
      fc.tuple(group, times).map(parts => parts.join('')),
    ),
    sequence: fc.array(tie('piece'), { maxLength: 4 }).map(parts => parts.join('')),
    choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map(parts => parts.join('|')),
  }
}).choice

const POSIX: Record<string, string> = {
  '[:digit:]': '0-9',
  '[:^digit:]': '\\D',
  '[:alpha:]': 'a-zA-Z',
  '[:alnum:]': 'a-zA-Z0-9',
  '[:space:]': '\\s',
}

const inJavaScript = (text: string): RegExp =>
  new RegExp(
    Object.entries(POSIX).reduce((all, [name, members]) => all.replaceAll(name, members), text),
    'i',
  )

t.test('what is sent means the same to the server, and to whoever reads it', async t => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcABZ019_ ~&-#.*[]\\'.split('')), maxLength: 10 })
  const samples = fc.sample(fc.tuple(expression, fc.array(letters, { minLength: 4, maxLength: 4 })), {
    seed,
    numRuns: 4_000,
  })
  const taken = samples.filter(([text]) => text !== '' && problemOf(text) === undefined)
  t.ok(taken.length > 1_000, `${taken.length}`)
  const connection = await connect(parseDatabaseUrl(local.cells[0]!.database, '/'))
  const compared = 'CONVERT(? USING utf8mb4) COLLATE utf8mb4_general_ci REGEXP ?'
  let matches = 0
  for (const [text, subjects] of taken) {
    const expected = subjects.map(subject => inJavaScript(text).test(subject))
    matches += expected.filter(Boolean).length
    const said = await connection
      .query(
        `SELECT ${subjects.map(() => compared).join(', ')}`,
        subjects.flatMap(subject => [subject, text]),
      )
      .catch(({ code }) => code)
    const wanted = [expected.map(Number)]
    if (String(said) !== String(wanted)) t.same(said, wanted, JSON.stringify({ text, subjects }))
  }
  await connection.close()
  t.ok(matches > taken.length && matches < taken.length * 3.6, `${matches} of ${taken.length * 4} match`)
})

/** What a match may stumble over: rows of one project. */
const insertRows = async (project: string, texts: readonly string[]) => {
  for (const text of texts)
    await local.query(
      'cell1',
      `INSERT INTO instances (uuid, project_id, deleted, created_at, display_name, user_data)
       VALUES (UUID(), ?, 0, '2026-07-01', ?, ?)`,
      [project, text.slice(0, 255), text],
    )
}

t.test('a match that the server gives up is never taken for a row that does not match', async t => {
  await insertRows('long', ['short a', 'a'.repeat(20_000)])
  const count = (filters: object) => cells.instances.count({ scope: { project_id: 'long' }, filters })
  t.equal((await count({ user_data: { regexp: 'a$' } })).count, 2)
  // Both rows match: it is the second alternative that does, when the first has been tried.
  const hard = { user_data: { regexp: '.*.*[^a ]|a$' } }
  const refused = { code: 'invalid-filter-value', path: '/filters/user_data/regexp' }
  await t.rejects(count(hard), refused)
  await t.rejects(cells.instances.list({ scope: { project_id: 'long' }, filters: hard }), refused)
  await t.rejects(async () => {
    for await (const _ of cells.instances.iterate({ scope: { project_id: 'long' }, filters: hard }));
  }, refused)
  t.equal((await cells.instances.list({ scope: 'all', limit: 1 })).complete, true)
})

t.test('when it can not be known whether one was given up, the statement has failed', async t => {
  const lost = Object.assign(new Error('lost'), { code: 'ECONNRESET', fatal: true })
  const connection = { query: (_: unknown, done: (error: unknown) => void) => done(lost) }
  const run: Run = (_line, _options, done) => done(null, [[1]])
  heedingWarnings(run)({ connection } as never, { sql: '' }, (error, rows) => {
    t.equal(error, lost)
    t.same(rows, [[1]])
  })
  t.plan(2)
})

t.test('no row of another tenant is ever matched', async t => {
  await insertRows('theirs', Array(5).fill('a'.repeat(20_000)))
  await insertRows('mine', ['a', 'b'])
  const filters = { user_data: { regexp: '.*.*[^a ]|a$' } }
  for (const sort of [['created_at:desc', 'id:desc'], ['display_name'], ['uuid']] as const) {
    const page = await cells.instances.list({
      scope: { project_id: 'mine' },
      filters,
      sort,
      fields: ['display_name'],
    })
    t.match(page, { complete: true, items: { length: 2 } }, sort.join())
  }
  t.equal((await cells.instances.count({ scope: { project_id: 'mine' }, filters })).count, 2)
})

t.test('one that takes long costs its own request, by the deadline, and nobody else', async t => {
  await insertRows('slow', Array(60).fill('a'.repeat(3_000)))
  const slow = { scope: { project_id: 'slow' }, filters: { user_data: { regexp: 'a*a*[^a]' } } } as const
  const own = await openCells({ cells: local.cells, breaker: { failures: 1, pause: 60_000, longest: 60_000 } })
  t.teardown(() => own.close())
  await own.instances.list({ scope: 'all', limit: 1 })
  for (let n = 0; n < 3; n++) {
    const start = performance.now()
    const asked = own.instances.list(slow, { deadline: 600 })
    if (isMySQL) await t.rejects(asked, { code: 'invalid-filter-value' }, 'it has a limit of its own')
    else {
      const { cells } = await asked
      t.match(cells[0], { name: 'cell1', state: 'timed-out', error: { reason: 'DEADLINE' } })
    }
    const took = performance.now() - start
    t.ok(took < 700, `${took} ms`)
    t.equal((await own.instances.list({ scope: 'all', limit: 1 })).complete, true)
  }
})

t.test('what is not sent would take long; what is given up does not go on', async t => {
  await local.query('cell1', 'CREATE TABLE hard (text TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)')
  for (const text of ['a', 'x', 'a-'])
    await local.query(
      'cell1',
      `INSERT INTO hard WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
       SELECT CONCAT(REPEAT(?, 200), IF(i % 2, 'b', '_')) FROM n`,
      [text],
    )
  const { database } = local.cells[0]!
  const pool = openPool(parseDatabaseUrl(database, '/'), { connections: 2 })
  t.teardown(() => pool.close())
  /** Whether it was given up, by us or by the server. */
  const takesLong = async (text: string) => {
    const statement = sql`SELECT COUNT(*) FROM hard WHERE text REGEXP ${text}`
    const start = performance.now()
    const said = await pool.query(statement, AbortSignal.timeout(200)).catch(error => error)
    const took = performance.now() - start
    t.ok(took < 300, `${text.slice(0, 40)}: ${took} ms`)
    if (said instanceof Error)
      t.ok(said.name === 'TimeoutError' || /^ER_REGEXP/.test((said as { code?: string }).code!))
    return said instanceof Error
  }
  const working = async () =>
    (await local.server('cell1').query('SHOW FULL PROCESSLIST')).some(row =>
      String(row[7]).includes('FROM hard'),
    )

  t.equal(problemOf('a*a*a*[^ab_]'), undefined)
  t.equal(await takesLong('a*a*a*[^ab_]'), true)
  const end = performance.now() + 1_000
  while (performance.now() < end && (await working()));
  t.equal(await working(), false, 'it does not go on')

  let long = 0
  for (const text of CATASTROPHES) if (await takesLong(text)) long++
  t.ok(long > CATASTROPHES.length / 2, `${long} of ${CATASTROPHES.length}`)
})
