/**
 * A search index in files beside each other, with nothing to install or to run. Needs `libsql`.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { SearchIndex } from '../search-index.js'
import { openEmbedded } from './embedded.js'
import { startWorker } from './thread.js'

/** Where an embedded index is. */
export interface EmbeddedOptions {
  /**
   * The file that it begins with, made when something is written first; each generation is a file beside it, `index.db.g1`. The folder has to be
   * there, on a local disk. Several processes may have it open.
   */
  readonly path: string
}

/**
 * Opens an index in files. No file is looked at before something is asked.
 *
 * @example
 * ```ts
 * const cells = await openCells({ apiDatabase, index: embeddedIndex({ path: '/var/lib/crosscell/index.db' }) })
 * ```
 */
export const embeddedIndex = ({ path }: EmbeddedOptions): SearchIndex => {
  const file = resolve(path)
  return openEmbedded(() => startWorker(file))
}
