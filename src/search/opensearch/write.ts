import { IndexError } from '../../errors.js'
import type { IndexDocument, Outcome, Tombstone } from '../search-index.js'
import type { Ask } from './ask.js'
import { CONFLICT, REFUSED, reasonOf, type ServerError, unless } from './failure.js'
import { idOf, sourceOf } from './source.js'

/** Characters of one request, or one document where that is larger. */
const MOST_CHARACTERS = 4 * 1024 * 1024

interface Item {
  readonly status: number
  readonly error?: ServerError
}

/** Of a document, or else of all: then nothing is known of the others either. */
const outcomeOf = ({ status, error }: Item): Outcome => {
  if (error === undefined) return 'written'
  const reason = reasonOf(status, error)
  if (reason === CONFLICT) return 'stale'
  if (reason === REFUSED) return 'poison'
  if (['NO_GENERATION', 'DENIED', 'DISK_FULL'].includes(reason)) throw new IndexError(reason)
  return 'transient'
}

const textOf = (document: IndexDocument | Tombstone): string => {
  const index = { _id: idOf(document), version: document.version, version_type: 'external' }
  return `${JSON.stringify({ index })}\n${JSON.stringify(sourceOf(document))}\n`
}

/**
 * Writes documents by their versions. A request that fails as a whole rejects, and may be sent again: what it wrote all the same is stale by
 * then. One that is refused as a whole, as too large or for one of its documents, is sent in halves.
 */
export const write = async (
  ask: Ask,
  alias: string,
  documents: readonly (IndexDocument | Tombstone)[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const texts = documents.map(textOf)
  const outcomes: Outcome[] = []

  const send = async (from: number, to: number): Promise<void> => {
    const read = ({ items }: { readonly items: readonly { readonly index: Item }[] }): void => {
      if (items.length !== to - from) throw new IndexError('GARBAGE')
      outcomes.push(...items.map(({ index }) => outcomeOf(index)))
    }
    const query = { require_alias: 'true', filter_path: 'items.*.status,items.*.error' }
    const request = { method: 'POST', path: [alias, '_bulk'], query, lines: texts.slice(from, to) } as const
    const refused = await ask(request, signal, read).catch(unless(REFUSED, true))
    if (!refused) return
    if (to - from === 1) {
      outcomes.push('poison')
      return
    }
    const half = from + ((to - from) >> 1)
    await send(from, half)
    await send(half, to)
  }

  for (let from = 0; from < texts.length; ) {
    let to = from
    for (let size = 0; to < texts.length && (to === from || size + texts[to]!.length <= MOST_CHARACTERS); to++)
      size += texts[to]!.length
    await send(from, to)
    from = to
  }
  return outcomes
}
