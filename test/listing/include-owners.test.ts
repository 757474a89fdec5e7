import t from 'tap'
import { defineResource, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

/** What a relation may reference: the uuid, the id, or any other column; on tables that are made for it. */
const local = await startLocalCells({ cells: 2, cell0: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const scope = 'all'
const text = { kind: 'text', nullable: true } as const
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

for (const [at, { name }] of local.cells.entries()) {
  const run = (statement: string) => local.query(name, statement)
  await run(
    `CREATE TABLE things (id INT PRIMARY KEY, uuid CHAR(36) CHARACTER SET ascii, host VARCHAR(50), parent INT, n INT, KEY (host))
     DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
  )
  await run(
    `CREATE TABLE parts (id INT PRIMARY KEY, thing INT, host VARCHAR(50), word VARCHAR(50), big BIGINT, hidden TINYINT(1), made DATETIME(3), deleted INT, KEY (host), KEY (thing))
     DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
  )
  const things = [
    [1, "'Alpha'", 'NULL'],
    [2, "'ALPHA '", '1'],
    [3, "'beta'", '1'],
    [4, 'NULL', '2'],
    [5, "'nobody'", '99'],
  ] as const
  for (const [id, host, parent] of things)
    await run(`INSERT INTO things VALUES (${id}, '${uuid(100 * at + id)}', ${host}, ${parent}, ${id})`)
  const cell = `cell${at}`
  const parts = [
    `(10, 1, 'alpha', '${cell} b', 9007199254740993, 0, '2026-01-02 03:04:05.678', 0)`,
    `(11, 1, 'alpha', '${cell} a', NULL, 1, NULL, 0)`,
    `(12, 3, 'beta', '${cell} c', 1, NULL, NULL, 0)`,
    `(13, 3, 'beta', '${cell} d', 1, NULL, NULL, 13)`,
    `(14, NULL, NULL, '${cell} e', 1, NULL, NULL, 0)`,
    `(15, 2, 'Bêta', '${cell} f', 1, NULL, NULL, NULL)`,
  ]
  await run(`INSERT INTO parts VALUES ${parts.join(', ')}`)
}

const things = defineResource({
  name: 'things',
  columns: {
    id: { kind: 'int' },
    uuid: { kind: 'text' },
    host: text,
    parent: { kind: 'int', nullable: true },
    n: { kind: 'int' },
  },
  sortKeys: ['n', 'host'],
  relations: {
    by_id: {
      shape: 'rows',
      relation: {
        table: 'parts',
        column: 'thing',
        references: 'id',
        only: [{ column: 'deleted', eq: 0 }],
      },
      columns: {
        word: text,
        big: { kind: 'bigint', nullable: true },
        hidden: { kind: 'bool', nullable: true },
        made: { kind: 'time', nullable: true },
      },
    },
    by_host: {
      shape: 'rows',
      relation: { table: 'parts', column: 'host', references: 'host' },
      columns: { id: { kind: 'int' } },
    },
    latest_by_host: {
      shape: 'latest',
      relation: {
        table: 'parts',
        column: 'host',
        references: 'host',
        only: [{ column: 'id', not_in: [11, 13] }],
      },
      columns: { id: { kind: 'int' } },
    },
    words_by_host: {
      shape: 'labels',
      relation: { table: 'parts', column: 'host', references: 'host', only: [{ column: 'id', ne: 15 }] },
      label: 'word',
    },
    undeleted: {
      shape: 'rows',
      relation: { table: 'parts', column: 'thing', references: 'id', only: [{ column: 'deleted', ne: 13 }] },
      columns: { id: { kind: 'int' } },
    },
    children: {
      shape: 'rows',
      relation: { table: 'things', column: 'parent', references: 'id' },
      columns: { id: { kind: 'int' } },
    },
    siblings: {
      shape: 'rows',
      relation: { table: 'things', column: 'parent', references: 'parent' },
      columns: { id: { kind: 'int' } },
    },
    of_nothing: {
      shape: 'latest',
      relation: { table: 'parts', column: 'word', references: 'uuid' },
      columns: { id: { kind: 'int' } },
    },
  },
})

const ids = (rows: readonly { readonly id: number }[]) => rows.map(({ id }) => id)

for (const [how, resource] of [
  ['by uuid', things],
  ['without a uuid', { ...things, uuid: null }],
] as const)
  t.test(`relations by id and by any other column, of several cells: ${how}`, async t => {
    const { items, complete } = await cells.of(resource).list({
      scope,
      fields: ['n', 'host'],
      sort: ['n'],
      include: [
        ...(['by_id', 'by_host', 'latest_by_host', 'words_by_host', 'undeleted'] as const),
        ...(['children', 'siblings'] as const),
        ...(how === 'by uuid' ? (['of_nothing'] as const) : []),
      ],
    })
    t.ok(complete)
    t.equal(items.length, 10)
    for (const [at, { name }] of local.cells.entries()) {
      const [one, two, three, four, five, ...others] = items.filter(({ cell }) => cell.name === name)
      t.same(others, [])
      t.same(one!.by_id, [
        { word: `cell${at} b`, big: '9007199254740993', hidden: false, made: '2026-01-02T03:04:05.678Z' },
        { word: `cell${at} a`, big: null, hidden: true, made: null },
      ])
      t.same(
        [two, three, four, five].map(item => item!.by_id.map(({ word }) => word)),
        [[], [`cell${at} c`], [], []],
        'what is deleted is not there, nor is what may be',
      )
      t.same(
        [one, two, three, four, five].map(item => ids(item!.by_host)),
        [[10, 11], [10, 11], [12, 13, 15], [], []],
        'by the collation of the server, to which case, accents and trailing spaces are nothing',
      )
      t.same(
        [one, two, three, four, five].map(item => item!.latest_by_host?.id ?? null),
        [10, 10, 15, null, null],
      )
      t.same(
        [one, two, three, four].map(item => item!.words_by_host),
        [[`cell${at} a`, `cell${at} b`], [`cell${at} a`, `cell${at} b`], [`cell${at} c`, `cell${at} d`], []],
        'in their own order',
      )
      t.same(
        [one, two, three].map(item => ids(item!.undeleted)),
        [[10, 11], [], [12]],
        'NULL is not different either',
      )
      t.same(
        [one, two, three, four, five].map(item => ids(item!.children)),
        [[2, 3], [4], [], [], []],
        'of the same table',
      )
      t.same(
        [one, two, three, four, five].map(item => ids(item!.siblings)),
        [[], [2, 3], [2, 3], [4], [5]],
        'NULL is no parent',
      )
      if (how === 'by uuid') t.equal(one!.of_nothing, null)
    }
  })

t.test('thousands of owners, page after page and at once', async t => {
  await local.query('cell1', 'DELETE FROM parts')
  await local.query('cell1', 'DELETE FROM things')
  const digits = '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)'
  const numbers = `SELECT 1 + a.d + 5 * b.d + 25 * c.d + 125 * e.d + 625 * f.d AS n FROM ${['a', 'b', 'c', 'e', 'f'].map(name => `${digits} AS ${name}`).join(', ')}`
  await local.query(
    'cell1',
    `INSERT INTO things SELECT n, CONCAT('11111111-0000-4000-8000-', LPAD(n, 12, '0')), CONCAT('h', n % 7), NULL, n FROM (${numbers}) AS x`,
  )
  await local.query(
    'cell1',
    `INSERT INTO parts (id, thing, host, deleted) SELECT n, n - n % 2, CONCAT('h', n % 700), 0 FROM (${numbers}) AS x WHERE n <= 2000`,
  )
  const big = await openCells({ apiDatabase: local.apiDatabase!, maxLimit: 5_000 })
  t.teardown(() => big.close())
  const query = { scope, include: ['undeleted', 'latest_by_host'] } as const
  const { items, complete } = await big.of(things).list({ ...query, filters: { n: { gte: 1 } }, limit: 5_000 })
  t.ok(complete)
  const own = items.filter(({ cell }) => cell.name === 'cell1')
  t.equal(own.length, 3_125)
  for (const { id, undeleted, latest_by_host } of own) {
    const even = id % 2 === 0 && id <= 2_000
    t.same(ids(undeleted), even ? (id < 2_000 ? [id, id + 1] : [id]) : [])
    t.equal(latest_by_host?.id, [1400, 1401, 1402, 1403, 1404, 1405, 1406][id % 7])
  }
  const slowly = []
  for await (const item of cells.of(things).iterate(query)) slowly.push(item)
  t.same(slowly, items)
})
