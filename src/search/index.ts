/**
 * What an index has to be: for those who write one of their own. `indexConformance` of `crosscell/testing` shows whether it is.
 *
 * @module
 */

export type * from './search-index.js'
export type { Shape } from './shape.js'
export type { Piece, Test } from './test.js'
