import t from 'tap'
import { type Blocks, type FormatName, formats } from '../../src/cli/format.js'

const cell = { uuid: '0c', name: 'cell"1' }
const rows = [
  { uuid: 'a', display_name: 'say "hi", you', locked: true, vcpus: 0, host: null, cell },
  { uuid: 'b', display_name: 'two\nlines', locked: false, vcpus: 1.5, host: '', cell },
  { uuid: 'c', display_name: ' =1+1 \r', locked: null, vcpus: null, host: 'é', cell },
]

const columns = ['uuid', 'display_name', 'locked', 'vcpus', 'host', 'cell']

const text = async (format: FormatName, blocks: Blocks): Promise<string> => {
  let all = ''
  const look = { columns, width: Number.POSITIVE_INFINITY, colours: false }
  for await (const piece of formats[format](blocks, look)) all += piece
  return all
}

const [first, ...others] = rows
const oneBlock = [rows]
const twoBlocks = [[first!], others]

t.test('csv: RFC 4180 quoting, NULL and the empty text differ, values stay as they are', async t => {
  const expected = [
    'uuid,display_name,locked,vcpus,host,cell',
    'a,"say ""hi"", you",true,0,,"cell""1"',
    'b,"two\nlines",false,1.5,"","cell""1"',
    'c," =1+1 \r",,,é,"cell""1"',
    '',
  ].join('\n')
  t.equal(await text('csv', oneBlock), expected)
  t.equal(await text('csv', twoBlocks), expected)
  t.equal(await text('csv', [[]]), 'uuid,display_name,locked,vcpus,host,cell\n')
})

t.test('json: one array, whatever the blocks', async t => {
  t.same(JSON.parse(await text('json', oneBlock)), rows)
  t.same(JSON.parse(await text('json', twoBlocks)), rows)
  t.equal(await text('json', [[]]), '[]\n')
  t.equal((await text('json', twoBlocks)).split('\n').length, 1 + 3 + 1 + 1, 'an item per line')
})

t.test('ndjson: an item per line', async t => {
  const lines = (await text('ndjson', twoBlocks)).split('\n')
  t.equal(lines.pop(), '')
  t.same(
    lines.map(line => JSON.parse(line)),
    rows,
  )
  t.equal(await text('ndjson', [[]]), '')
})

t.test('table: the columns in their sequence, the cell by its name', async t => {
  t.equal(
    await text('table', twoBlocks),
    [
      'uuid  display_name   locked  vcpus  host  cell',
      'a     say "hi", you  true    0      -     cell"1',
      'b     two\\u000alines  false   1.5          cell"1',
      'c      =1+1 \\u000d    -       -      é     cell"1',
      '',
    ].join('\n'),
  )
})
