/**
 * Spans of what crosscell does, for [OpenTelemetry](https://opentelemetry.io): one for each request, and within it one for each statement to
 * a cell. Needs `@opentelemetry/api`.
 *
 * @module
 */

import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { observe, type RequestEnd, type RequestStart, type StatementEnd } from '../observability.js'

/** What {@link traceCells} takes. */
export interface TraceOptions {
  /** Default: `crosscell` of the global tracer provider. */
  readonly tracer?: Tracer
}

/**
 * Traces all requests of this process, from now on. A request is a child of the span that is active when it is made; a statement, a
 * client span with the names of the semantic conventions for databases, is a child of its request.
 *
 * @returns what ends that
 * @example
 * ```ts
 * const stop = traceCells()
 * ```
 */
export const traceCells = ({ tracer = trace.getTracer('crosscell') }: TraceOptions = {}): (() => void) => {
  const requests = new WeakMap<RequestStart, { readonly span: Span; readonly within: Context }>()
  return observe({
    'crosscell:request:start': request => {
      const { verb, resource, startedAt } = request
      const options = { startTime: startedAt, attributes: ofRequest(request) }
      const span = tracer.startSpan(`crosscell ${verb} ${resource}`, options)
      requests.set(request, { span, within: trace.setSpan(context.active(), span) })
    },
    'crosscell:request:end': answer => {
      const { request, ms, error } = answer
      const span = requests.get(request)?.span
      span?.setAttributes(ofAnswer(answer))
      if (error !== undefined) fail(span, error)
      span?.end(request.startedAt + ms)
    },
    'crosscell:statement:end': statement => {
      const { request, startedAt, waited, ms, reason } = statement
      const within = (request && requests.get(request)?.within) ?? ROOT_CONTEXT
      const options = { kind: SpanKind.CLIENT, startTime: startedAt, attributes: ofStatement(statement) }
      const span = tracer.startSpan(summaryOf(statement.text), options, within)
      if (reason !== undefined) fail(span, reason)
      span.end(startedAt + waited + ms)
    },
  })
}

const fail = (span: Span | undefined, type: string): void => {
  span?.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR })
}

const ofRequest = ({ verb, resource, scope }: RequestStart): Attributes => ({
  'crosscell.verb': verb,
  'crosscell.resource': resource,
  'crosscell.scope': scope,
})

const ofAnswer = ({ complete, source, rows, fetched, cells }: RequestEnd): Attributes => ({
  'crosscell.complete': complete,
  'crosscell.source': source,
  'crosscell.rows': rows,
  'crosscell.fetched': fetched,
  'crosscell.down_cells': cells.flatMap(({ name, error }) => (error ? `${name}: ${error.reason}` : [])),
})

const ofStatement = ({ cell, text, waited, idle, rows, outcome }: StatementEnd): Attributes => ({
  // What the driver speaks, and what MariaDB answers to as well.
  'db.system.name': 'mysql',
  'db.query.text': text,
  'db.query.summary': summaryOf(text),
  'db.response.returned_rows': rows,
  'crosscell.cell.uuid': cell.uuid,
  'crosscell.cell.name': cell.name,
  'crosscell.outcome': outcome,
  'crosscell.waited_ms': waited,
  'crosscell.idle_ms': idle,
})

/** The statement's first word, and the first table that it names: few, however many statements there are. */
const summaryOf = (text: string): string =>
  [/\w+/, /(?<=\bFROM `?)\w[\w.]*/].flatMap(part => part.exec(text)?.[0] ?? []).join(' ')
