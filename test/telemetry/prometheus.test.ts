import { Registry, register } from 'prom-client'
import t from 'tap'
import { announced } from '../../src/listing/announce.js'
import { observe, publishBreaker } from '../../src/observability.js'
import { measureCells } from '../../src/telemetry/prometheus.js'
import { openCloud } from './fixtures/cloud.js'

const cloud = await openCloud()
t.teardown(() => cloud[Symbol.asyncDispose]())
const { instances } = cloud.cells

/** The samples of a registry: the series, and its value. */
const samplesOf = async (registry: Registry): Promise<Map<string, number>> => {
  const lines = (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

t.test('what requests, statements, cells and breakers do', async t => {
  const registry = new Registry()
  t.teardown(measureCells({ register: registry, buckets: [0.001, 60] }))
  const told: { rows: number; fetched: number; ms: number }[] = []
  t.teardown(observe({ 'crosscell:request:end': end => told.push(end) }))
  const value = async (series: string) => (await samplesOf(registry)).get(series)
  const list = 'verb="list",resource="instances"'

  const partial = await instances.list({ scope: 'all', limit: 10 }, { downCells: 'omit' })
  t.equal(partial.items.length, 10)
  t.equal(await value(`crosscell_request_duration_seconds_count{${list},outcome="partial"}`), 1)
  t.equal(await value(`crosscell_partial_answers_total{${list}}`), 1)
  t.equal(await value(`crosscell_rows_returned_total{${list}}`), 10)
  t.equal(await value(`crosscell_rows_fetched_total{${list}}`), told[0]!.fetched)
  t.ok(told[0]!.fetched >= 10)
  const seconds = await value(`crosscell_request_duration_seconds_sum{${list},outcome="partial"}`)
  t.equal(seconds, told[0]!.ms / 1_000)
  t.equal(await value('crosscell_cells_missed_total{cell="down",state="failed"}'), 1)
  t.equal(await value('crosscell_statement_duration_seconds_count{cell="down",outcome="failed"}'), 1)
  t.ok((await value('crosscell_statement_duration_seconds_count{cell="cell1",outcome="answered"}'))! > 1)

  t.equal(await value('crosscell_breaker_state{cell="down",state="open"}'), 1)
  t.equal(await value('crosscell_breaker_state{cell="down",state="closed"}'), 0)
  t.equal(await value('crosscell_breaker_state{cell="cell1",state="closed"}'), 1)
  t.equal(await value('crosscell_breaker_state{cell="cell1",state="open"}'), 0)

  await t.rejects(instances.list({ scope: 'all', limit: 10 }, { downCells: 'fail' }))
  t.equal(await value(`crosscell_request_duration_seconds_count{${list},outcome="failed"}`), 1)
  t.equal(await value(`crosscell_partial_answers_total{${list}}`), 1, 'no answer, no partial one')
  t.equal(await value('crosscell_cells_missed_total{cell="down",state="breaker-open"}'), 1)

  await cloud.whileHung(() => instances.list({ scope: 'all', limit: 1 }, { deadline: 400 }))
  t.equal(await value('crosscell_statements_killed_total{cell="cell1"}'), 1)
  t.equal(await value('crosscell_cells_missed_total{cell="cell1",state="timed-out"}'), 1)
  t.equal(await value('crosscell_statement_duration_seconds_count{cell="cell1",outcome="abandoned"}'), 1)

  await announced({ verb: 'list', resource: 'instances', scope: 'all', signal: undefined }, async () => {})
  t.equal(await value(`crosscell_request_duration_seconds_count{${list},outcome="complete"}`), 1)
  t.equal(await value(`crosscell_partial_answers_total{${list}}`), 2)

  publishBreaker({ uuid: 'd0', name: 'down' }, 'half-open')
  t.equal(await value('crosscell_breaker_state{cell="down",state="half-open"}'), 1)
  t.equal(await value('crosscell_breaker_state{cell="down",state="open"}'), 0)

  await t.test('within the bounds that are given', async t => {
    const bounds = [...(await samplesOf(registry)).keys()]
      .filter(series => series.startsWith('crosscell_request_duration_seconds_bucket'))
      .map(series => /le="([^"]+)"/.exec(series)![1])
    t.same(new Set(bounds), new Set(['0.001', '60', '+Inf']))
  })

  await t.test('with no label but names and states', async t => {
    await instances.list({ scope: { project_id: 's3cr3t' }, filters: { host: 's3cr3t' } })
    const labels = [...(await samplesOf(registry)).keys()].flatMap(series =>
      [...series.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => `${name} ${value}`),
    )
    t.same([...new Set(labels.filter(label => !label.startsWith('le ')))].sort(), [
      'cell cell0',
      'cell cell1',
      'cell down',
      'outcome abandoned',
      'outcome answered',
      'outcome complete',
      'outcome failed',
      'outcome partial',
      'resource instances',
      'state breaker-open',
      'state closed',
      'state failed',
      'state half-open',
      'state open',
      'state timed-out',
      'verb list',
    ])
  })
})

t.test('the state of a breaker that had opened before is seen by the first request', async t => {
  const stop = measureCells()
  await instances.count({ scope: 'all' })
  const samples = await samplesOf(register)
  t.equal(samples.get('crosscell_breaker_state{cell="down",state="open"}'), 1)
  t.equal(samples.get('crosscell_breaker_state{cell="cell1",state="closed"}'), 1)
  t.ok(
    [...samples.keys()].some(series => /le="0.005"/.test(series)),
    'prom-client’s own bounds',
  )
  stop()
  t.equal((await samplesOf(register)).size, 0, 'gone')
  measureCells()()
})
