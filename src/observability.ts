/**
 * What crosscell tells those who listen, on channels of `node:diagnostics_channel`. Nothing is made that nobody listens to, and no message
 * ever holds a URL, a password, the id of a scope, or the value of a filter or of a row.
 *
 * @module
 */

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Which cell: its uuid and name in the cell mapping. */
export interface ToldCell {
  readonly uuid: string
  readonly name: string
}

/** A request has begun. The same object is the `request` of every message that belongs to it. */
export interface RequestStart {
  /** Its number in this process. */
  readonly id: number
  /** A page of `pages` is a `list`; `iterate` is one request from its first record to its last. */
  readonly verb:
    | 'list'
    | 'catchUp'
    | 'iterate'
    | 'get'
    | 'count'
    | 'explain'
    | 'search'
    | 'usage'
    | 'status'
    | 'capacity'
  /** The resource's name; `cells` where the request is about the cells themselves. */
  readonly resource: string
  /** Whose records may be seen. Never the id. */
  readonly scope: 'project' | 'user' | 'all'
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** What one cell did for a request, as `page.cells` has it. */
export interface ToldReport extends ToldCell {
  readonly state: 'ok' | 'failed' | 'timed-out' | 'breaker-open'
  /** Records of the answer that are the cell's. */
  readonly rows: number
  /** Rows that were fetched to decide on them. */
  readonly fetched: number
  /** Of the records, those that its instance mappings stand for. Absent when there is none. */
  readonly stubs?: number
  /** Of the records, those with a document that can't be read. Absent when there is none. */
  readonly undecodable?: number
  /** Milliseconds from the start of the request to the cell's last word. */
  readonly ms: number
  /** Why it is not `ok`. */
  readonly error?: { readonly code: 'cell-failed'; readonly reason: string }
}

/** A request has its answer, or has failed; or whoever went through its records has enough. */
export interface RequestEnd {
  readonly request: RequestStart
  /** Milliseconds since its start; of `iterate` with those that its reader took. */
  readonly ms: number
  /** True when every cell that was asked has answered in full. */
  readonly complete: boolean
  /** Who answered. */
  readonly source: 'cells' | 'index'
  /** Records of the answer. */
  readonly rows: number
  /** Rows that were fetched to decide on them. */
  readonly fetched: number
  /** What each cell did. Empty when the request failed before any was asked. */
  readonly cells: readonly ToldReport[]
  /** Why it failed: the error's code; `aborted` when its caller's signal has, `internal` for what should not happen. */
  readonly error?: string
}

/** A statement to a cell, or to the API database, is over. One that a breaker kept from being sent is none. */
export interface StatementEnd {
  /** Whose it is. Absent for what crosscell asks on its own, the cell mappings. */
  readonly request?: RequestStart
  readonly cell: ToldCell
  /** The statement with `?` in the place of each value. */
  readonly text: string
  /** Milliseconds since 1970; when it was wanted, before its turn. */
  readonly startedAt: number
  /** Milliseconds that it waited for its turn. */
  readonly waited: number
  /** Milliseconds from its turn until it was over, with those that it waited for a connection. */
  readonly ms: number
  /** Milliseconds of these in which its reader was busy with the rows at hand: only of statements that are read as a stream. */
  readonly idle: number
  /** Rows that were read. */
  readonly rows: number
  /** `abandoned`: it was given up before it was answered in full. */
  readonly outcome: 'answered' | 'failed' | 'abandoned'
  /**
   * Why it failed: the driver's or server's symbol. Of one that was abandoned `DEADLINE` when its time was over; absent when nobody
   * wanted its answer any more.
   */
  readonly reason?: string
}

/** A cell's breaker went from one state to another. */
export interface BreakerMessage {
  readonly cell: ToldCell
  readonly state: 'closed' | 'open' | 'half-open'
}

/** A statement that had been abandoned was killed on its server. */
export interface KillMessage {
  readonly cell: ToldCell
}

/** One step of an indexer. */
export type IndexingMessage =
  /** What may have changed in a table was looked for. `changed`: records that were read back for it. */
  | {
      readonly kind: 'poll'
      readonly cell: ToldCell
      readonly table: string
      readonly ms: number
      readonly changed: number
    }
  /** Everything was compared. `records` of the cell; those that differed, those of them that were mended, and those that may not go. */
  | {
      readonly kind: 'sweep'
      readonly cell: ToldCell
      readonly ms: number
      readonly records: number
      readonly rows: number
      readonly drift: number
      readonly mended: number
      readonly withheld: number
    }
  /** Hints were read back. `ms`: since the oldest of them was said; null where nobody knows. */
  | {
      readonly kind: 'hints'
      readonly cell: ToldCell
      readonly applied: number
      readonly again: number
      readonly ms: number | null
    }
  /** Hints may have been lost. */
  | { readonly kind: 'gap'; readonly feed: string }
  /** A feed went from one state to another. */
  | {
      readonly kind: 'feed'
      readonly feed: string
      readonly state: 'idle' | 'connecting' | 'connected' | 'stopped'
    }
  /** This indexer polls and sweeps the cell from now on, or no longer. */
  | { readonly kind: 'lease'; readonly cell: ToldCell; readonly held: boolean }

/** The channels, and what is published on each. */
export interface Messages {
  'crosscell:request:start': RequestStart
  'crosscell:request:end': RequestEnd
  'crosscell:statement:end': StatementEnd
  'crosscell:breaker': BreakerMessage
  'crosscell:kill': KillMessage
  'crosscell:indexing': IndexingMessage
}

/** Who listens to which channel. */
export type Listeners = { readonly [C in keyof Messages]?: (message: Messages[C]) => void }

/**
 * Listens to channels, with the types of their messages. They may be subscribed to by `node:diagnostics_channel` as well.
 *
 * @returns what ends that
 * @example
 * ```ts
 * const stop = observe({ 'crosscell:request:end': ({ request, ms, complete }) => log(request.verb, ms, complete) })
 * ```
 */
export const observe = (listeners: Listeners): (() => void) => {
  const all = Object.entries(listeners) as [string, (message: unknown) => void][]
  for (const [name, listener] of all) subscribe(name, listener)
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener)
  }
}

/** A channel as those who publish on it see it: they make a message only where somebody listens. */
export interface Telling<Message> {
  readonly hasSubscribers: boolean
  publish(message: Message): void
}

const telling = <C extends keyof Messages>(name: C): Telling<Messages[C]> => channel(name)

export const requestStarts = telling('crosscell:request:start')
export const requestEnds = telling('crosscell:request:end')
export const statementEnds = telling('crosscell:statement:end')

const breakers = telling('crosscell:breaker')
const kills = telling('crosscell:kill')
const indexing = telling('crosscell:indexing')

/** The cell alone: what it is taken from may know its URL. */
export const uuidAndName = ({ uuid, name }: ToldCell): ToldCell => ({ uuid, name })

/** Says that a cell's breaker has changed. */
export const publishBreaker = (cell: ToldCell, state: BreakerMessage['state']): void => {
  if (breakers.hasSubscribers) breakers.publish({ cell: uuidAndName(cell), state })
}

/** Says that a statement was killed. */
export const publishKill = (cell: ToldCell): void => {
  if (kills.hasSubscribers) kills.publish({ cell: uuidAndName(cell) })
}

/** Says what an indexer has done; the message is made only where somebody listens. */
export const publishIndexing = (message: () => IndexingMessage): void => {
  if (indexing.hasSubscribers) indexing.publish(message())
}
