import { Registry, register } from 'prom-client'
import t from 'tap'
import { publishIndexing } from '../../src/observability.js'
import { type MeasuredStatus, measureIndexer } from '../../src/telemetry/prometheus.js'

const cell = { uuid: 'u1', name: 'cell1' }
const status: MeasuredStatus = {
  me: 'me',
  cells: [
    {
      name: 'cell1',
      state: 'fresh',
      lag: 1_500,
      swept: { at: 1_700_000_000_000 },
      withheld: 0,
      holder: 'me',
      waiting: 3,
      oldest: 100,
      poison: 2,
    },
    {
      name: 'cell2',
      state: 'unknown',
      lag: null,
      swept: null,
      withheld: 7,
      holder: null,
      waiting: 0,
      oldest: null,
      poison: 0,
    },
  ],
  feeds: [
    {
      name: 'bus',
      state: 'connected',
      waiting: 40,
      oldest: 0,
      applied: 5,
      requeued: 4,
      poison: 3,
      ignored: 2,
    },
    {
      name: 'away',
      state: 'connecting',
      waiting: null,
      oldest: null,
      applied: 0,
      requeued: 0,
      poison: 0,
      ignored: 0,
    },
  ],
}

/** The samples that have no buckets: the series, and its value. */
const samplesOf = async (registry: Registry): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await registry.metrics())
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#') && !line.includes('_bucket'))
      .map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )

t.test('how true an index is, asked once for all metrics', async t => {
  const registry = new Registry()
  let asked = 0
  let answer: () => Promise<MeasuredStatus> = async () => status
  const indexer = { status: () => [asked++, answer()][1] as Promise<MeasuredStatus> }
  t.teardown(measureIndexer(indexer, { register: registry }))
  const samples = await samplesOf(registry)
  t.equal(asked, 1)
  t.match(samples, {
    crosscell_index_up: 1,
    'crosscell_index_lag_seconds{cell="cell1"}': 1.5,
    'crosscell_index_state{cell="cell1",state="fresh"}': 1,
    'crosscell_index_state{cell="cell1",state="stale"}': 0,
    'crosscell_index_state{cell="cell2",state="unknown"}': 1,
    'crosscell_index_swept_timestamp_seconds{cell="cell1"}': 1_700_000_000,
    'crosscell_index_withheld{cell="cell2"}': 7,
    'crosscell_index_held{cell="cell1"}': 1,
    'crosscell_index_held{cell="cell2"}': 0,
    'crosscell_index_hints_waiting{cell="cell1"}': 3,
    'crosscell_index_poison_total{cell="cell1"}': 2,
    'crosscell_feed_state{feed="bus",state="connected"}': 1,
    'crosscell_feed_state{feed="away",state="connected"}': 0,
    'crosscell_feed_waiting{feed="bus"}': 40,
    'crosscell_feed_oldest_seconds{feed="away"}': 0,
    'crosscell_feed_messages_total{feed="bus",outcome="requeued"}': 4,
    'crosscell_feed_messages_total{feed="bus",outcome="poison"}': 3,
  })
  t.ok(samples['crosscell_feed_oldest_seconds{feed="bus"}']! > 1_000_000_000)
  for (const series of ['crosscell_index_lag_seconds{cell="cell2"}', 'crosscell_feed_waiting{feed="away"}'])
    t.notOk(series in samples, `nobody knows ${series}`)
  const again = await samplesOf(registry)
  t.equal(again['crosscell_feed_messages_total{feed="bus",outcome="applied"}'], 5, 'counted once')

  answer = () => Promise.reject(new Error('secret'))
  const down = await samplesOf(registry)
  t.equal(down.crosscell_index_up, 0)
  t.notOk(Object.keys(down).some(series => series.includes('cell1')))
})

t.test('what an indexer does', async t => {
  const stop = measureIndexer({ status: async () => ({ ...status, cells: [], feeds: [] }) })
  publishIndexing(() => ({ kind: 'poll', cell, table: 'instances', ms: 20, changed: 3 }))
  publishIndexing(() => ({
    kind: 'sweep',
    cell,
    ms: 2_000,
    records: 9,
    rows: 10,
    drift: 4,
    mended: 3,
    withheld: 1,
  }))
  publishIndexing(() => ({ kind: 'hints', cell, applied: 8, again: 1, ms: 500 }))
  publishIndexing(() => ({ kind: 'hints', cell, applied: 1, again: 0, ms: null }))
  publishIndexing(() => ({ kind: 'gap', feed: 'bus' }))
  publishIndexing(() => ({ kind: 'feed', feed: 'bus', state: 'connected' }))
  publishIndexing(() => ({ kind: 'lease', cell, held: true }))
  t.match(await samplesOf(register), {
    'crosscell_index_poll_duration_seconds_sum{cell="cell1",table="instances"}': 0.02,
    'crosscell_index_changed_total{cell="cell1",table="instances"}': 3,
    'crosscell_index_sweep_duration_seconds_count{cell="cell1"}': 1,
    'crosscell_index_drift_total{cell="cell1"}': 4,
    'crosscell_index_mended_total{cell="cell1"}': 3,
    'crosscell_index_hints_total{cell="cell1",outcome="applied"}': 9,
    'crosscell_index_hints_total{cell="cell1",outcome="again"}': 1,
    'crosscell_index_hint_delay_seconds_count{cell="cell1"}': 1,
    'crosscell_index_hint_delay_seconds_sum{cell="cell1"}': 0.5,
    'crosscell_feed_gaps_total{feed="bus"}': 1,
  })
  stop()
  t.equal((await register.metrics()).trim(), '', 'gone')
})
