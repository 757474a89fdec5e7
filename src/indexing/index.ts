/**
 * Keeps a search index of the instances true: hints of notifications, looks for what has changed, comparisons with the cells, rebuilds.
 *
 * @module
 */

export type {
  Indexer,
  IndexerStatus,
  RebuildOptions,
  Tending,
  TendOptions,
  Verified,
  VerifyOptions,
} from './answers.js'
export type { Feed, FeedStatus, Hint, HintSink } from './feed.js'
export type { Filling } from './fill.js'
export { createIndexer } from './indexer.js'
export type { Rebuilt } from './rebuild.js'
export type { RebuildProgress } from './rebuild-progress.js'
export type { IndexerConfig } from './settings.js'
