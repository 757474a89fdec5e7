import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { IndexError } from '../../errors.js'
import type { Hit, IndexDocument, IndexQuery, SearchIndex, Tombstone } from '../../search/search-index.js'
import { SHAPE } from './documents.js'

/** One thing that an index has to do. */
export interface ConformanceCase {
  readonly name: string
  /**
   * Rejects, with an `AssertionError` where it is not done.
   *
   * @param again - opens one more index over the same data, as another process would; the case closes it
   */
  readonly run: (index: SearchIndex, again: () => SearchIndex) => Promise<void>
}

/** A signal that never aborts. */
export const signal: AbortSignal = new AbortController().signal
// Every call that is under way may listen.
setMaxListeners(0, signal)

/** Makes a generation, ready, and drops it. */
export const inGeneration = async (
  index: SearchIndex,
  body: (generation: string) => Promise<void>,
): Promise<void> => {
  const generation = await index.create(SHAPE, '{}', false, signal)
  await index.finish(generation, signal)
  await body(generation)
  await index.drop(generation, signal)
}

/** Writes documents that are all new, and shows them. */
export const fill = async (
  index: SearchIndex,
  generation: string,
  documents: readonly (IndexDocument | Tombstone)[],
): Promise<void> => {
  const outcomes = await index.write(generation, documents, signal)
  assert.deepEqual(
    outcomes,
    documents.map(() => 'written'),
  )
  await index.refresh(generation, signal)
}

/** What is found, member by member: an adapter may return objects of its own. */
export const find = async (index: SearchIndex, generation: string, query: IndexQuery): Promise<Hit[]> =>
  (await index.find(generation, query, signal)).map(({ cell, uuid, version, record, at }) => ({
    ...{ cell, uuid, version, record },
    at: [...at],
  }))

/** The ids of all that is found, in the order of their uuids: of documents that have an id as a key. */
export const idsOf = async (
  index: SearchIndex,
  generation: string,
  wanted: Pick<IndexQuery, 'where' | 'text'>,
): Promise<number[]> => {
  const sort = [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }] as const
  return (await find(index, generation, { ...wanted, sort, limit: 10_000 })).map(({ at }) => at[0] as number)
}

/** It rejects as an index does. */
export const refuses = async (work: Promise<unknown>, reason?: string): Promise<void> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof IndexError, `rejects with IndexError, not with ${error}`)
  if (reason !== undefined) assert.equal(error.reason, reason)
}

/** Every call there is. */
export const callsOf = (
  index: SearchIndex,
  generation: string,
  signal: AbortSignal,
): Readonly<Record<string, () => Promise<unknown>>> => {
  const { by, cell } = { by: [{ by: 'uuid' }] as const, cell: 'cell-a' }
  return {
    finish: () => index.finish(generation, signal),
    switchTo: () => index.switchTo(generation, signal),
    drop: () => index.drop(generation, signal),
    write: () => index.write(generation, [{ cell, uuid: 'aaa', version: 1, gone: true }], signal),
    refresh: () => index.refresh(generation, signal),
    find: () => index.find(generation, { where: [], sort: by, limit: 1 }, signal),
    tally: () => index.tally(generation, { where: [] }, ['id'], 1, signal),
    scan: () => index.scan(generation, { cell, prefix: '', after: '', limit: 1 }, signal),
    buckets: () => index.buckets(generation, cell, signal),
    purge: () => index.purge(generation, cell, 1, signal),
    notes: () => index.notes(generation, '', signal),
    setNote: () => index.setNote(generation, 'of nobody', { value: '', revision: 0 }, signal),
  }
}
