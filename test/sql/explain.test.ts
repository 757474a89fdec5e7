import t from 'tap'
import { accessOf, expectedRows, explained } from '../../src/sql/explain.js'
import { sql } from '../../src/sql/fragment.js'

/** As the servers said it, MariaDB 10.11 and MySQL 9.7. */
const index = 'instances_deleted_created_at_idx'
const answers = {
  'read off an index': {
    mariadb: [[1, 'SIMPLE', 'instances', 'ref', index, index, '5', 'const', '9853', 'Using where']],
    mysql: [
      [1, 'SIMPLE', 'instances', null, 'ref', index, index, '5', 'const', 9853, 82.81, 'Backward index scan'],
    ],
    access: { index, rows: 9853, filesort: false, temporary: false, full: false },
  },
  'all of what an index finds, sorted': {
    mariadb: [
      [1, 'SIMPLE', 'instances', 'range', index, index, '5', null, '12', 'Using where; Using filesort'],
    ],
    mysql: [
      [
        1,
        'SIMPLE',
        'instances',
        null,
        'range',
        index,
        index,
        '5',
        null,
        12,
        100,
        'Using where; Using filesort',
      ],
    ],
    access: { index, rows: 12, filesort: true, temporary: false, full: false },
  },
  'the whole table, sorted': {
    mariadb: [[1, 'SIMPLE', 'instances', 'ALL', index, null, null, null, '20', 'Using where; Using filesort']],
    mysql: [
      [1, 'SIMPLE', 'instances', null, 'ALL', index, null, null, null, 20, 33.3, 'Using where; Using filesort'],
    ],
    access: { index: null, rows: 20, filesort: true, temporary: false, full: true },
  },
  'a whole index, sorted': {
    mariadb: [[1, 'SIMPLE', 'instances', 'index', null, 'x', '4', null, '20', 'Using index; Using filesort']],
    mysql: [
      [1, 'SIMPLE', 'instances', null, 'index', null, 'x', '4', null, 20, 100, 'Using index; Using filesort'],
    ],
    access: { index: 'x', rows: 20, filesort: true, temporary: false, full: true },
  },
  'an index in order, as far as the limit': {
    mariadb: [[1, 'SIMPLE', 'instances', 'index', null, 'PRIMARY', '4', null, '121', 'Using where']],
    mysql: [[1, 'SIMPLE', 'instances', null, 'index', null, 'PRIMARY', '4', null, 121, 8.28, null]],
    access: { index: 'PRIMARY', rows: 121, filesort: false, temporary: false, full: false },
  },
  'behind another table': {
    mariadb: [
      [1, 'PRIMARY', 'tags', 'ref', 'tag', 'tag', '242', 'const', '7', 'Using temporary; Using filesort'],
      [1, 'PRIMARY', 'instances', 'eq_ref', 'uuid', 'uuid', '110', 'tags.resource_id', '1', 'Using where'],
    ],
    mysql: [
      [
        1,
        'SIMPLE',
        'tags',
        null,
        'ref',
        'tag',
        'tag',
        '242',
        'const',
        7,
        100,
        'Using temporary; Using filesort',
      ],
      [1, 'SIMPLE', 'instances', null, 'eq_ref', 'uuid', 'uuid', '110', 'tags.resource_id', 1, 41.41, null],
    ],
    access: { index: 'uuid', rows: 1, filesort: true, temporary: true, full: false },
  },
  'tables in its place': {
    mariadb: [[1, 'PRIMARY', 'b', 'range', 'u', 'u', '111', null, '3', 'Using temporary; Using filesort']],
    mysql: [
      [1, 'SIMPLE', 'b', null, 'range', 'u', 'u', '111', null, 3, 100, 'Using temporary; Using filesort'],
    ],
    access: { index: 'u', rows: 3, filesort: true, temporary: true, full: false },
  },
  'nothing at all': {
    mariadb: [[1, 'SIMPLE', null, null, null, null, null, null, null, 'Impossible WHERE']],
    mysql: [[1, 'SIMPLE', null, null, null, null, null, null, null, null, null, 'Impossible WHERE']],
    access: { index: null, rows: 0, filesort: false, temporary: false, full: false },
  },
}

for (const [what, { mariadb, mysql, access }] of Object.entries(answers))
  t.test(`EXPLAIN: ${what}`, async t => {
    t.same(accessOf(mariadb, 'instances'), access, 'MariaDB')
    t.same(accessOf(mysql, 'instances'), access, 'MySQL')
  })

t.test('the statement keeps its values', async t => {
  t.same(explained(sql`SELECT ${1}`), { text: 'EXPLAIN FORMAT=TRADITIONAL SELECT ?', values: [1] })
})

t.test('how many rows are expected, step by step', async t => {
  const { mariadb, mysql } = answers['nothing at all']!
  t.same(expectedRows([...mariadb, ...mysql]), [0, 0])
  const [some] = Object.values(answers)
  t.same(expectedRows(some!.mariadb), expectedRows(some!.mysql))
})
