import t from 'tap'
import { exists } from '../../src/sql/related.js'

const outer = { table: 'instances', column: 'uuid' }
const cache = { table: 'caches', column: 'instance_uuid', outer, values: [] }
const unknown = () => undefined
const path = '$[*].ips[*]'

t.test('a row that belongs to a row', async t => {
  t.same(
    exists({ table: 'tags', column: 'resource_id', outer, values: [['tag', ['a', 'b']]] }, false, unknown),
    {
      text: 'EXISTS (SELECT 1 FROM `tags` WHERE `tags`.`resource_id` = `instances`.`uuid` AND `tags`.`tag` IN (?, ?))',
      values: ['a', 'b'],
    },
  )
  t.match(
    exists({ table: 'tags', column: 'resource_id', outer, values: [] }, true, unknown).text,
    /^NOT EXISTS/,
  )
})

t.test('an address in a document', async t => {
  const within = exists(
    { ...cache, address: { document: 'd', path, like: { first: '0a000000', last: '0affffff' } } },
    false,
    unknown,
  )
  t.match(within.text, "JSON_TABLE(IF(JSON_VALID(`caches`.`d`), `caches`.`d`, '[]'), '$[*].ips[*]'")
  t.same(within.values, [4, '0a000000', '0affffff'])
  const begins = exists(
    { ...cache, address: { document: 'd', path, like: { prefix: '10.%' } } },
    false,
    unknown,
  )
  t.same(begins.values, ['10.\\%%'])
})

t.test('a path that could end its literal is refused', async t => {
  const like = { prefix: '1' }
  t.throws(
    () => exists({ ...cache, address: { document: 'd', path: "$' OR '", like } }, false, unknown),
    TypeError,
  )
})
