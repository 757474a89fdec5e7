import t from 'tap'
import { durationOf, factsOf, rebuildFact, rebuildLine, statusLine } from '../../src/cli/indexing/texts.js'
import type { FeedStatus, IndexerStatus, RebuildProgress, Tending } from '../../src/indexing/index.js'

const filling = { uuid: 'u1', name: 'cell1', documents: 500_000, expected: 1_000_000 } as const
const progress: RebuildProgress = {
  phase: 'filling',
  generation: 'g2',
  documents: 500_000,
  expected: 1_000_000,
  rate: 15_000.4,
  left: 33_333,
  cells: [
    { ...filling, state: 'filling', error: null },
    { ...filling, uuid: 'u2', name: 'cell\x1b2', state: 'waiting', error: 'ECONNREFUSED' },
  ],
}

t.test('how far a rebuild is', async t => {
  t.equal(
    rebuildLine(progress),
    'filling ━━━━━━━━━━────────── 500,000 of 1,000,000, 15,000/s, 33.3 s left; cell\\u001b2 waits (ECONNREFUSED)',
  )
  const early = { ...progress, documents: 0, rate: 0, left: null, cells: [] }
  t.equal(rebuildLine(early), 'filling ──────────────────── 0 of 1,000,000, 0/s')
  t.equal(rebuildFact(progress), 'filling g2, 50 %; cell\\u001b2 waits (ECONNREFUSED)')
  t.equal(rebuildFact({ ...progress, documents: 509_999 }), rebuildFact(progress), 'a line for each hundredth')
  t.equal(rebuildFact({ ...early, expected: 0 }), 'filling g2, 100 %', 'of nothing')
  t.match(rebuildFact({ ...progress, documents: 1_000_003 }), /100 %/, 'more than was expected')
})

t.test('durations', async t => {
  t.same([0, 440, 59_900, 95_000, 3_600_000, 90_000_000].map(durationOf), [
    '0.0 s',
    '0.4 s',
    '59.9 s',
    '1 min 35 s',
    '1 h 0 min',
    '25 h 0 min',
  ])
})

const cell: Tending = {
  uuid: 'u1',
  name: 'cell1',
  state: 'fresh',
  asOf: null,
  lag: 400,
  error: null,
  swept: null,
  withheld: 0,
  holder: null,
  waiting: 0,
  oldest: null,
  read: 0,
  written: 0,
  poison: 0,
}
const feed: FeedStatus = {
  name: 'bus',
  cell: null,
  state: 'connected',
  waiting: 1_200,
  oldest: null,
  received: 0,
  applied: 0,
  requeued: 0,
  poison: 0,
  ignored: 0,
  gaps: 0,
  error: null,
}
const status: IndexerStatus = {
  index: 'embedded',
  me: 'me',
  generation: 'g1',
  cells: [cell, { ...cell, uuid: 'u2', name: 'cell2', state: 'down', error: 'X', lag: null, withheld: 1_000 }],
  feeds: [feed, { ...feed, name: 'other', state: 'connecting', waiting: null, error: 'Y', notice: 'BLOCKED' }],
  rebuild: null,
}

t.test('what is worth a line', async t => {
  t.same(
    [...factsOf(status).values()],
    [
      'embedded: g1 answers',
      'cell1: fresh',
      'cell2: down (X)',
      '1,000 documents of cell2 are withheld: their records are gone, all at once; if that is right, crosscell index verify --remove',
      'feed bus: connected',
      'feed other: connecting (Y, BLOCKED)',
    ],
  )
  t.same(
    [...factsOf({ ...status, generation: null, cells: [], feeds: [], rebuild: progress }).values()],
    ['embedded: nothing answers yet', rebuildFact(progress)],
  )
})

t.test('all in one line', async t => {
  t.equal(statusLine(status), 'cell1 fresh 0.4 s, cell2 down (X), bus 1,200 waiting')
  t.equal(statusLine({ ...status, rebuild: progress }), rebuildLine(progress))
})
