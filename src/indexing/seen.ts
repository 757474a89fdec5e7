import { LRUCache } from 'lru-cache'
import type { Digests } from './reader.js'

/** What was written last of some records, by uuid in lower case: what still is that need not be read again. */
export type Seen = LRUCache<string, Digests>

/** Records of one cell that are remembered: 100 bytes each. */
const REMEMBERED = 100_000

export const openSeen = (): Seen => new LRUCache({ max: REMEMBERED })
