/**
 * Every error that crosscell throws. Each class has a literal `code`; switch on it, not on messages.
 * No error ever holds a URL, a password or the value of a row.
 *
 * @module
 */

/** A place inside the caller's input, as a JSON Pointer: `/filters/vm_state/in/0`. */
export type InputPath = string

/** What all errors of crosscell have in common. */
export abstract class CrosscellError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/** The caller's input is wrong: nothing was sent to any database. */
export abstract class InvalidInputError extends CrosscellError {
  /** Where in the input the offending value is. */
  readonly path: InputPath
  /** What would have been accepted. */
  readonly expected: string
  constructor(path: InputPath, problem: string, expected: string, options?: ErrorOptions) {
    super(`${path || '/'}: ${problem}; expected ${expected}`, options)
    this.path = path
    this.expected = expected
  }
}

/** The query has no scope. There is no default: say `'all'` to see every project. */
export class MissingScopeError extends InvalidInputError {
  readonly code = 'missing-scope'
}

/** The scope is none of `{ project_id }`, `{ user_id }` and `'all'`. */
export class InvalidScopeError extends InvalidInputError {
  readonly code = 'invalid-scope'
}

/** A sort key that is not on the resource's whitelist. */
export class UnknownSortKeyError extends InvalidInputError {
  readonly code = 'unknown-sort-key'
}

/** A direction that is neither `asc` nor `desc`. */
export class InvalidDirectionError extends InvalidInputError {
  readonly code = 'invalid-direction'
}

/** A `sort` that is no list of keys, or that names a key twice. */
export class InvalidSortError extends InvalidInputError {
  readonly code = 'invalid-sort'
}

/** A filter that the resource does not have. */
export class UnknownFilterError extends InvalidInputError {
  readonly code = 'unknown-filter'
}

/** An operator that this column does not have. */
export class UnknownOperatorError extends InvalidInputError {
  readonly code = 'unknown-operator'
}

/** A filter value of the wrong type or form. The value itself is not shown. */
export class InvalidFilterValueError extends InvalidInputError {
  readonly code = 'invalid-filter-value'
}

/** A field that the resource does not have. */
export class UnknownFieldError extends InvalidInputError {
  readonly code = 'unknown-field'
}

/** A relation that the resource does not have. */
export class UnknownIncludeError extends InvalidInputError {
  readonly code = 'unknown-include'
}

/** A key to group by that is not on the resource's whitelist of sort keys. */
export class UnknownGroupKeyError extends InvalidInputError {
  readonly code = 'unknown-group-key'
}

/** A limit that is no whole number from 0 to the maximum. */
export class InvalidLimitError extends InvalidInputError {
  readonly code = 'invalid-limit'
}

/** A marker that could not be the uuid of any record, or that is the uuid of several: a cursor says which one. */
export class InvalidMarkerError extends InvalidInputError {
  readonly code = 'invalid-marker'
}

/** No record with the marker's uuid in this scope: never there, purged, or another tenant's. */
export class MarkerNotFoundError extends InvalidInputError {
  readonly code = 'marker-not-found'
}

/** A cursor that this service did not make, or made for another query, scope or version. */
export class InvalidCursorError extends InvalidInputError {
  readonly code = 'invalid-cursor'
}

/** A member of the query, or an option, that does not exist. */
export class UnknownOptionError extends InvalidInputError {
  readonly code = 'unknown-option'
}

/** A member of the query, or an option, of the wrong type or out of range. */
export class InvalidOptionError extends InvalidInputError {
  readonly code = 'invalid-option'
}

/** A resource definition that contradicts itself. */
export class InvalidResourceError extends InvalidInputError {
  readonly code = 'invalid-resource'
}

/** A database URL that can't be read. The URL is not shown: it holds a password. */
export class InvalidUrlError extends InvalidInputError {
  readonly code = 'invalid-url'
  constructor(path: InputPath, expected: string, options?: ErrorOptions) {
    super(path, 'not a database URL (the text is not shown: it may hold a password)', expected, options)
  }
}

/** Why a cell gave no answer, without any text that the server or a row wrote. */
export interface CellFailure {
  /** The cell's uuid. */
  readonly uuid: string
  /** The cell's name in its cell mapping. */
  readonly name: string
  /** The driver's or server's symbol for what happened: `ECONNREFUSED`, `ER_NO_SUCH_TABLE`, … */
  readonly reason: string
}

const names = (cells: readonly CellFailure[]): string => cells.map(c => `${c.name} (${c.reason})`).join(', ')

/** One cell could not answer. Reported in `page.cells`; thrown only inside {@link CellsUnavailableError}. */
export class CellFailedError extends CrosscellError {
  readonly code = 'cell-failed'
  readonly cell: CellFailure
  constructor(cell: CellFailure, options?: ErrorOptions) {
    super(`cell ${names([cell])} did not answer`, options)
    this.cell = cell
  }
}

/** The answer would be incomplete, and the caller (or the verb) does not take incomplete answers. */
export class CellsUnavailableError extends CrosscellError {
  readonly code = 'cells-unavailable'
  readonly cells: readonly CellFailure[]
  constructor(cells: readonly CellFailure[], options?: ErrorOptions) {
    super(`no complete answer: ${names(cells)}`, options)
    this.cells = cells
  }
}

/** The search index could not do what it was asked. Where the cells can answer instead, they do, and nobody sees this. */
export class IndexError extends CrosscellError {
  readonly code = 'index-failed'
  /**
   * A symbol for what happened: `DEADLINE`, `UNREACHABLE`, `BUSY`, `CORRUPT`, `DISK_FULL`, `NO_GENERATION`, `REFUSED` (a query that the index does
   * not take), `CLOSED`, or the index's own for what it did not know either.
   */
  readonly reason: string
  constructor(reason: string, options?: ErrorOptions) {
    super(`the index did not answer (${reason})`, options)
    this.reason = reason
  }
}

/** `source: 'index'` was asked for, and the index can't answer. */
export class IndexUnavailableError extends CrosscellError {
  readonly code = 'index-unavailable'
  /** `no-index`, `index-down`, `index-empty`, `index-stale`, or `unserved`: a filter or an order that only the cells can judge. */
  readonly reason: string
  /** What it can't judge: columns with an operator, and relations. */
  readonly unserved: readonly string[]
  constructor(reason: string, unserved: readonly string[], options?: ErrorOptions) {
    super(`the index can't answer: ${[reason, ...unserved].join(', ')}`, options)
    this.reason = reason
    this.unserved = unserved
  }
}

/** What an indexer is asked to do can't be done now. */
export class IndexingError extends CrosscellError {
  readonly code = 'indexing-refused'
  /**
   * `no-index`: the cells were opened without one. `rebuild-running`: somebody else is at it. `no-generation`: nothing answers yet.
   * `no-generation-before`: there is nothing to go back to. `running`: this indexer already does it.
   */
  readonly reason: 'no-index' | 'rebuild-running' | 'no-generation' | 'no-generation-before' | 'running'
  constructor(reason: IndexingError['reason']) {
    super(`the index can't be tended: ${reason}`)
    this.reason = reason
  }
}

/** A sort key means different things in different cells, so that no merge of them could be right. */
export class IncomparableCellsError extends CrosscellError {
  readonly code = 'incomparable-cells'
  /** The sort key. */
  readonly column: string
  /** What the column is in each cell: a collation, the members of an ENUM. */
  readonly cells: readonly { readonly name: string; readonly has: string }[]
  constructor(
    column: string,
    problem: string,
    cells: readonly { readonly name: string; readonly has: string }[],
  ) {
    super(`can't sort by ${column}: ${problem} (${cells.map(c => `${c.name}: ${c.has}`).join(', ')})`)
    this.column = column
    this.cells = cells
  }
}

/** A count has more groups than an answer may hold. */
export class TooManyGroupsError extends CrosscellError {
  readonly code = 'too-many-groups'
  /** How many there may be. */
  readonly limit: number
  constructor(limit: number) {
    super(`more than ${limit} groups: filter, or group by fewer keys`)
    this.limit = limit
  }
}

/** The API database did not give the cell mappings. */
export class DirectoryError extends CrosscellError {
  readonly code = 'directory-unavailable'
  readonly reason: string
  constructor(reason: string, options?: ErrorOptions) {
    super(`the API database did not give the cell mappings (${reason})`, options)
    this.reason = reason
  }
}

/** `close()` was called before. */
export class ClosedError extends CrosscellError {
  readonly code = 'closed'
  constructor() {
    super('these cells are closed')
  }
}
