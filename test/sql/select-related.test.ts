import t from 'tap'
import { type SelectRelated, selectRelated } from '../../src/sql/select-related.js'

const plain: SelectRelated = {
  table: 't',
  column: 'owner_uuid',
  owners: ['u', 'v'],
  columns: ['a', 'b'],
  only: [],
  orderBy: 'id',
  last: false,
}

t.test('rows that name their owner by its key', async t => {
  t.same(selectRelated(plain), {
    text: 'SELECT `t`.`owner_uuid`, `t`.`a`, `t`.`b` FROM `t` WHERE `t`.`owner_uuid` IN (?, ?) ORDER BY `t`.`owner_uuid`, `t`.`id`',
    values: ['u', 'v'],
  })
})

t.test('conditions', async t => {
  const only = [
    { column: 'deleted', eq: 0 },
    { column: 'kind', ne: 'x' },
    { column: 'status', not_in: ['done', 'error'] },
  ] as const
  t.same(selectRelated({ ...plain, columns: [], only, orderBy: 'a' }), {
    text: 'SELECT `t`.`owner_uuid` FROM `t` WHERE `t`.`owner_uuid` IN (?, ?) AND `t`.`deleted` = ? AND `t`.`kind` <> ? AND `t`.`status` NOT IN (?, ?) ORDER BY `t`.`owner_uuid`, `t`.`a`',
    values: ['u', 'v', 0, 'x', 'done', 'error'],
  })
})

t.test('the last row of each owner', async t => {
  t.same(selectRelated({ ...plain, only: [{ column: 'deleted', eq: 0 }], last: true }), {
    text: 'SELECT `t`.`owner_uuid`, `t`.`a`, `t`.`b` FROM (SELECT MAX(`t`.`id`) AS last FROM `t` WHERE `t`.`owner_uuid` IN (?, ?) AND `t`.`deleted` = ? GROUP BY `t`.`owner_uuid`) AS lasts JOIN `t` ON `t`.`id` = lasts.last ORDER BY `t`.`owner_uuid`, `t`.`id`',
    values: ['u', 'v', 0],
  })
})

t.test('rows that name another column of their owner, which is known by its key', async t => {
  const through = { table: 'owners', key: 'id', references: 'host' }
  const joined = {
    text: 'SELECT owner.`id`, `t`.`a`, `t`.`b` FROM `owners` AS owner STRAIGHT_JOIN `t` ON `t`.`host` = owner.`host` WHERE owner.`id` IN (?, ?) AND `t`.`deleted` = ? ORDER BY owner.`id`, `t`.`id`',
    values: [1, 2, 0],
  }
  const only = [{ column: 'deleted', eq: 0 }]
  t.same(selectRelated({ ...plain, column: 'host', owners: [1, 2], only, through }), joined)
  t.same(selectRelated({ ...plain, column: 'host', owners: [1, 2], only, through, last: true }), joined)
})
