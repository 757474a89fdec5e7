/** That the record of this uuid may have changed. What it has become, its cell says. */
export interface Hint {
  readonly uuid: string
  /** The cell whose bus it came by, as the feed was told: a uuid or a name in the cell mappings. Absent where one bus serves several. */
  readonly cell?: string
  /** When it was said, in milliseconds since 1970 by the clock of who said it; absent where that is not known. */
  readonly at?: number
}

/** What a feed gives its hints to. Nothing here throws or rejects. */
export interface HintSink {
  /**
   * Resolves when what the cell says is in the index: `applied`; or when it could not be read or written, `again`: later. As many may be
   * under way as the feed likes; they are put together.
   */
  hint(hint: Hint): Promise<'applied' | 'again'>
  /** Hints may have been lost: whatever has changed since is to be looked for at once. */
  gap(reason: string): void
}

/** How a feed is. Counts are since it was made. */
export interface FeedStatus {
  readonly name: string
  /** The cell whose bus it is, as it was told; null where it serves several. */
  readonly cell: string | null
  readonly state: 'idle' | 'connecting' | 'connected' | 'stopped'
  /** Messages that wait in its queue, as far as it was told lately; null where nobody knows. */
  readonly waiting: number | null
  /** Milliseconds since 1970 at which the oldest message was said that is under way; null when none is. */
  readonly oldest: number | null
  readonly received: number
  readonly applied: number
  /** Messages that have to come again. */
  readonly requeued: number
  /** Messages that nobody can read, kept as dead letters. */
  readonly poison: number
  /** Messages about nothing that is indexed. */
  readonly ignored: number
  readonly gaps: number
  /** Why it is not connected; null when it is, or never was. */
  readonly error: string | null
  /** What an operator should know though it works, as a symbol; null or absent when there is nothing. */
  readonly notice?: string | null
}

/** A source of hints: a bus, a webhook. It never throws; whatever goes wrong with it, it tries again. */
export interface Feed {
  readonly name: string
  /** Gives hints until the signal aborts; then resolves, when nothing of it is under way any more. */
  run(sink: HintSink, signal: AbortSignal): Promise<void>
  status(): FeedStatus
}
