import t from 'tap'
import { collate, comparable, readFingerprint, readWeighing, weightOf } from '../../src/cells/collation.js'
import { comparator } from '../../src/engine/ordering.js'
import { CellFailedError } from '../../src/errors.js'
import { name, sql } from '../../src/sql/fragment.js'
import { seed } from '../fixtures/seed.js'
import { textsFor } from '../listing/fixtures/things-data.js'
import { connection, database, server } from './fixtures/texts-server.js'

/**
 * Every collation that the server has: its own ORDER BY, its own comparisons, and ours by weights, must agree on
 * adversarial texts, or the collation must be one that crosscell refuses.
 */
// One seed: what is refused is a list by name, and a new name belongs there by intent.

const { signal } = new AbortController()

let state = seed
const random = (n: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return (state >> 8) % n
}
const parts = [
  ...textsFor(['utf8mb4_bin']),
  '\u0001',
  '\n',
  '\u007f',
  'ch',
  'll',
  'dž',
  'ij',
  'aa',
  'å',
  'ก',
  'เ',
  'า',
]
const texts = new Set(parts)
while (texts.size < 400) {
  let text = ''
  for (let i = random(5); i >= 0; i--) text += parts[random(parts.length)]!
  texts.add(text)
}

await connection.query('CREATE TABLE source (id INT PRIMARY KEY, s VARCHAR(60) CHARACTER SET utf8mb4)')
await connection.query('INSERT INTO source VALUES ?', [[...texts].map((text, i) => [i, text])] as never)

t.test('all collations are exact or refused', async t => {
  const all = (await connection.query(
    `SELECT ${server.kind === 'mariadb' ? 'FULL_' : ''}COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY
     WHERE CHARACTER_SET_NAME <> 'binary'`,
  )) as [string, string][]
  let exact = 0
  let refused = 0
  for (const [collation, charset] of all) {
    if (!comparable(collation)) {
      refused++
      continue
    }
    await connection.query('DROP TABLE IF EXISTS t')
    await connection.query(
      `CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(60) CHARACTER SET ${charset} COLLATE ${collation})`,
    )
    await connection.query(`SET sql_mode = ''`)
    await connection.query('INSERT IGNORE INTO t SELECT id, s FROM source')
    const weighing = await readWeighing(database, { charset, name: collation }, signal)
    const weight = weightOf(name('s'), weighing, 60).text
    const rows = (await connection.query(`SELECT ${weight}, id FROM t ORDER BY s, id`)).map(
      ([weight, id]) => [(weight as Buffer).toString('latin1'), id as number] as const,
    )
    const compare = comparator([
      { column: 's', dir: 'asc', comparison: 'text', pad: weighing.pad },
      { column: 'id', dir: 'asc', comparison: 'number' },
    ])
    const sorted = [...rows].sort(compare)
    const [, middle] = rows[random(rows.length)]!
    const [[greater]] = (await connection.query(
      'SELECT COUNT(*) FROM t WHERE s > (SELECT s FROM t AS m WHERE m.id = ?)',
      [middle],
    )) as [[number]]
    const at = rows.findIndex(([, id]) => id === middle)
    const ours = rows.filter(([weight]) => compare([weight, 0], [rows[at]![0], 0]) > 0).length
    if (rows.every((row, i) => row === sorted[i]) && ours === greater) exact++
    else t.fail(`${collation} is neither exact nor refused`, { ours, greater })
  }
  t.comment(`${exact} exact, ${refused} refused`)
  t.ok(exact > (server.kind === 'mariadb' ? 900 : 200), `${exact} exact`)
  t.ok(refused < all.length / 4, `${refused} refused`)
})

t.test('one server has one fingerprint for a collation, and others for others', async t => {
  const print = (collation: string) =>
    readFingerprint(database, { charset: 'utf8mb4', name: collation }, signal)
  t.match(await print('utf8mb4_general_ci'), /^[0-9a-f]{64} 0020 false$/)
  t.equal(await print('utf8mb4_general_ci'), await print('utf8mb4_general_ci'))
  t.not(await print('utf8mb4_general_ci'), await print('utf8mb4_unicode_ci'))
  t.not(await print('utf8mb4_general_ci'), await print('utf8mb4_general_nopad_ci'))
  t.equal(await print('utf8mb4_no_such_ci'), undefined)
})

t.test('a failing server has no fingerprint', async t => {
  const broken = {
    query: async () => {
      throw new CellFailedError({ uuid: '', name: '', reason: 'ECONNREFUSED' })
    },
  }
  await t.rejects(readFingerprint(broken, { charset: 'utf8mb4', name: 'utf8mb4_bin' }, signal), {
    code: 'cell-failed',
  })
  const bug = {
    query: async () => {
      throw new TypeError('bug')
    },
  }
  await t.rejects(readFingerprint(bug, { charset: 'utf8mb4', name: 'utf8mb4_bin' }, signal), { message: 'bug' })
})

t.test('a collation’s name must look like one', async t => {
  t.throws(() => collate(sql`${'a'}`, { charset: 'utf8mb4', name: 'x; DROP TABLE t' }), TypeError)
})

t.test('the wider form of Nova’s collation has its weights', async t => {
  const everything = Array.from({ length: 0xffff }, (_, i) => String.fromCharCode(i + 1))
    .filter(character => character.isWellFormed())
    .join('')
  const weigh = (charset: string) => `WEIGHT_STRING(CONVERT(? USING ${charset}) COLLATE ${charset}_general_ci)`
  const [[same, size]] = (await server.query(
    `SELECT ${weigh('utf8mb3')} = ${weigh('utf8mb4')}, LENGTH(${weigh('utf8mb4')})`,
    [everything, everything, everything],
  )) as [[number, number]]
  t.same([same, size], [1, 2 * everything.length])
})
