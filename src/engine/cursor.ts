import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Where the next page starts. */
export interface Position {
  /** The sort values of the last row, one per key of the ordering, as SQL takes them. */
  readonly values: readonly (string | number | null)[]
  /** The collation of each text key: the next page has to go on in the same order, whichever cells are up. */
  readonly collations: readonly string[]
  /** The rank of the row's source, where one source comes before all others whatever its values. Default: 0. */
  readonly rank?: number
}

/** A position without what is the same for all positions of a query. */
export type Place = Pick<Position, 'values' | 'rank'>

/** Some consecutive rows of an order. */
export interface Range {
  /** They are behind it. Default: they begin with the first. */
  readonly from?: Place
  /** They are not behind it. Default: they end with the last. */
  readonly to?: Place
}

/** Rows that pages passed over while their cells were down. What is the same for many cells is there once. */
export interface Passed {
  readonly ranges: readonly Range[]
  /** The uuid of each cell, and which of the ranges its rows are in, one behind the other. */
  readonly cells: readonly (readonly [uuid: string, ...ranges: readonly number[]])[]
}

/** What a cursor holds. */
export interface Bookmark extends Position {
  /** There is nothing behind it: the position has no values. */
  readonly end?: true
  readonly passed?: Passed
}

/** Makes and reads cursors. */
export interface Cursors {
  /** An opaque text that only {@link Cursors.open} can read. */
  seal(binding: string, bookmark: Bookmark): string
  /** What it holds, or undefined when the text is no cursor of ours, or one of another binding. */
  open(binding: string, cursor: string): Bookmark | undefined
}

const VERSION = 1
const BINDING_BYTES = 16
const TAG_BYTES = 16
const HEADER_BYTES = 1 + BINDING_BYTES

/**
 * Cursors are authenticated (HMAC-SHA-256, 128 bits kept) and bound to a text that says what they are for:
 * resource, scope, filters and sort. Nobody else's cursor, and none of another query, opens.
 *
 * Layout, in base64url: version (1 byte), digest of the binding (16), position (JSON), tag over all of it (16).
 *
 * @param secrets - at least one; the first seals, all of them open, so that a secret can be rotated
 */
export const cursors = (secrets: readonly (string | Uint8Array)[]): Cursors => {
  const tag = (secret: string | Uint8Array, body: Uint8Array): Buffer =>
    createHmac('sha256', secret).update(body).digest().subarray(0, TAG_BYTES)
  return {
    seal: (binding, bookmark) => {
      const body = Buffer.concat([header(binding), Buffer.from(JSON.stringify(bookmark))])
      return Buffer.concat([body, tag(secrets[0]!, body)]).toString('base64url')
    },
    open: (binding, cursor) => {
      const bytes = Buffer.from(cursor, 'base64url')
      // Only the canonical text is a cursor: base64url decoding forgives what it should not.
      if (bytes.length <= HEADER_BYTES + TAG_BYTES || bytes.toString('base64url') !== cursor) return undefined
      const body = bytes.subarray(0, -TAG_BYTES)
      const given = bytes.subarray(-TAG_BYTES)
      // All secrets are tried: how long it takes does not tell which of them it was.
      const fits = secrets.map(secret => timingSafeEqual(tag(secret, body), given))
      if (!fits.includes(true)) return undefined
      if (!body.subarray(0, HEADER_BYTES).equals(header(binding))) return undefined
      return JSON.parse(body.subarray(HEADER_BYTES).toString()) as Bookmark
    },
  }
}

const header = (binding: string): Buffer =>
  Buffer.concat([Buffer.of(VERSION), createHash('sha256').update(binding).digest().subarray(0, BINDING_BYTES)])
