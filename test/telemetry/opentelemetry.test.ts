import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import t from 'tap'
import { observe, statementEnds } from '../../src/observability.js'
import { traceCells } from '../../src/telemetry/opentelemetry.js'
import { openCloud } from './fixtures/cloud.js'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = provider.getTracer('test')

const cloud = await openCloud()
t.teardown(() => cloud[Symbol.asyncDispose]())
const { instances } = cloud.cells

const spansOf = async (work: () => Promise<unknown>): Promise<ReadableSpan[]> => {
  exporter.reset()
  await work()
  return exporter.getFinishedSpans()
}
const named = (spans: readonly ReadableSpan[], name: string) => spans.filter(span => span.name === name)
const milliseconds = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1e3 + nanoseconds / 1e6
const idOf = (span: ReadableSpan) => span.spanContext().spanId

t.test('a request is a span, and each of its statements one within it', async t => {
  const stop = traceCells({ tracer })
  t.teardown(stop)
  let caller = ''
  const spans = await spansOf(() =>
    tracer.startActiveSpan('handler', async span => {
      caller = span.spanContext().spanId
      await instances.list({ scope: { project_id: 's3cr3t' }, limit: 10 }, { downCells: 'omit' })
      span.end()
    }),
  )
  const [request] = named(spans, 'crosscell list instances')
  t.equal(request!.parentSpanContext!.spanId, caller, 'the caller’s child')
  t.equal(request!.kind, SpanKind.INTERNAL)
  t.equal(request!.status.code, SpanStatusCode.UNSET, 'a partial answer is no error')
  t.match(request!.attributes, {
    'crosscell.verb': 'list',
    'crosscell.resource': 'instances',
    'crosscell.scope': 'project',
    'crosscell.complete': false,
    'crosscell.source': 'cells',
    'crosscell.rows': 0,
    'crosscell.fetched': 0,
    'crosscell.down_cells': ['down: ECONNREFUSED'],
  })

  const statements = spans.filter(span => span.kind === SpanKind.CLIENT)
  t.ok(statements.length > 3)
  for (const statement of statements) {
    t.equal(statement.parentSpanContext!.spanId, idOf(request!))
    t.equal(statement.spanContext().traceId, request!.spanContext().traceId)
    t.equal(statement.name, statement.attributes['db.query.summary'])
    t.ok(milliseconds(statement.startTime) >= milliseconds(request!.startTime))
    t.ok(milliseconds(statement.endTime) <= milliseconds(request!.endTime) + 0.01)
  }
  const [ordered] = named(statements, 'SELECT instances')
  t.match(ordered!.attributes, {
    'db.system.name': 'mysql',
    'db.query.text': /^SELECT .* FROM `instances` .* LIMIT \?$/s,
    'db.response.returned_rows': 0,
    'crosscell.cell.name': /^cell[01]$/,
    'crosscell.outcome': 'answered',
    'crosscell.idle_ms': 0,
  })
  t.equal(ordered!.status.code, SpanStatusCode.UNSET)
  t.equal(ordered!.attributes['error.type'], undefined)
  const refused = statements.filter(span => span.attributes['crosscell.cell.name'] === 'down')
  t.equal(refused.length, 1)
  t.equal(refused[0]!.attributes['error.type'], 'ECONNREFUSED')
  t.equal(refused[0]!.status.code, SpanStatusCode.ERROR)
  t.notMatch(
    JSON.stringify(spans.map(({ name, attributes, status, events }) => [name, attributes, status, events])),
    /s3cr3t/,
  )

  await t.test('a cell that is left alone has no statement, and is named all the same', async t => {
    const spans = await spansOf(() => instances.list({ scope: 'all', limit: 1 }))
    const [request] = named(spans, 'crosscell list instances')
    t.equal(request!.parentSpanContext, undefined)
    t.same(request!.attributes['crosscell.down_cells'], ['down: BREAKER_OPEN'])
    t.notOk(spans.some(span => span.attributes['crosscell.cell.name'] === 'down'))
  })

  await t.test('a request that fails is an error, with its code', async t => {
    const spans = await spansOf(() =>
      t.rejects(instances.list({ scope: 'all', limit: 1 }, { downCells: 'fail' })),
    )
    const [request] = named(spans, 'crosscell list instances')
    t.equal(request!.status.code, SpanStatusCode.ERROR)
    t.equal(request!.attributes['error.type'], 'cells-unavailable')
  })

  await t.test('the whole of an iteration is one, from its first record on', async t => {
    const spans = await spansOf(async () => {
      const options = { downCells: 'omit' } as const
      for await (const _ of instances.iterate({ scope: 'all', fields: ['uuid'] }, options));
    })
    const requests = named(spans, 'crosscell iterate instances')
    t.equal(requests.length, 1)
    t.ok(named(spans, 'SELECT instances').every(span => span.parentSpanContext!.spanId === idOf(requests[0]!)))
  })

  await t.test(
    'a statement whose time is over is an error, one that nobody wants any more is none',
    async t => {
      const { signal, abort } = abortable()
      const spans = await spansOf(async () => {
        await cloud.whileHung(() => instances.list({ scope: 'all', limit: 1 }, { deadline: 400 }))
        await cloud.whileHung(async stuck => {
          const asked = instances.list({ scope: 'all', limit: 1 }, { signal })
          await stuck()
          abort()
          await t.rejects(asked)
        })
      })
      const given = spans.filter(span => span.attributes['crosscell.outcome'] === 'abandoned')
      t.same(
        new Set(given.map(span => `${span.attributes['error.type']} ${span.status.code}`)),
        new Set([`DEADLINE ${SpanStatusCode.ERROR}`, `undefined ${SpanStatusCode.UNSET}`]),
      )
      t.same(
        named(spans, 'crosscell list instances').map(span => span.attributes['error.type']),
        [undefined, 'aborted'],
      )
    },
  )
})

const abortable = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

for (const before of [{}, { 'crosscell:request:end': () => {} }])
  t.test(`what began before it was traced ends without a trace, ${Object.keys(before)}`, async t => {
    t.teardown(observe(before))
    const rows = instances.iterate({ scope: 'all', fields: ['uuid'] }, { downCells: 'omit' })
    const iterator = rows[Symbol.asyncIterator]()
    await iterator.next()
    const stop = traceCells({ tracer })
    t.teardown(stop)
    const spans = await spansOf(() =>
      tracer.startActiveSpan('reader', async () => {
        for await (const _ of { [Symbol.asyncIterator]: () => iterator });
      }),
    )
    t.same(named(spans, 'crosscell iterate instances'), [])
    t.ok(spans.length > 0, 'but for the statements that are still under way')
    t.ok(spans.every(({ name, parentSpanContext }) => name.startsWith('SELECT') && !parentSpanContext))
  })

t.test('a statement that names no table is known by its first word', async t => {
  const stop = traceCells({ tracer })
  t.teardown(stop)
  const spans = await spansOf(async () =>
    statementEnds.publish({
      cell: { uuid: 'u1', name: 'cell1' },
      text: 'SELECT HEX(?)',
      startedAt: Date.now(),
      waited: 1,
      ms: 2,
      idle: 0,
      rows: 1,
      outcome: 'answered',
    }),
  )
  t.equal(spans[0]!.name, 'SELECT')
  t.equal(Math.round(milliseconds(spans[0]!.duration)), 3)
})

t.test('who stops hears no more; the tracer is the global one where none is given', async t => {
  t.same(await spansOf(() => instances.list({ scope: 'all', limit: 1 })), [])
  trace.setGlobalTracerProvider(provider)
  const stop = traceCells()
  const spans = await spansOf(() => instances.list({ scope: 'all', limit: 1 }))
  stop()
  t.equal(named(spans, 'crosscell list instances')[0]!.instrumentationScope.name, 'crosscell')
})
