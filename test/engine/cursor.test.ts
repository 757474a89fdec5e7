import fc from 'fast-check'
import t from 'tap'
import { cursors, type Position } from '../../src/engine/cursor.js'

const position: Position = {
  values: ['2026-08-21 21:01:48', null, 7, 'Grüße 😀'],
  collations: ['utf8mb3_general_ci'],
}

t.test('a cursor opens for what it was made for, and for nothing else', async t => {
  const { seal, open } = cursors(['a secret of sixteen'])
  const cursor = seal('binding', position)
  t.match(cursor, /^[\w-]+$/)
  t.same(open('binding', cursor), position)
  t.equal(open('another binding', cursor), undefined)
  t.equal(cursors(['another secret of sixteen']).open('binding', cursor), undefined)
})

t.test('secrets rotate: the first seals, all open', async t => {
  const old = cursors(['old']).seal('b', position)
  const rotated = cursors(['new', 'old'])
  t.same(rotated.open('b', old), position)
  t.same(cursors(['new']).open('b', rotated.seal('b', position)), position)
  t.equal(cursors(['old']).open('b', rotated.seal('b', position)), undefined)
})

t.test('no change of a single character opens', async t => {
  const { seal, open } = cursors(['secret'])
  const cursor = seal('b', position)
  for (let i = 0; i < cursor.length; i++)
    for (const other of ['A', '_', '=', ' ', ''])
      if (cursor[i] !== other) t.equal(open('b', cursor.slice(0, i) + other + cursor.slice(i + 1)), undefined)
})

t.test('no random text opens, and none throws', async t => {
  const { open } = cursors(['secret'])
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), text => open('b', text) === undefined),
    { numRuns: 5_000 },
  )
  t.pass('5,000 texts')
})
