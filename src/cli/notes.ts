import type { CellReport } from '../listing/roll-call.js'
import { printable } from './printable.js'

const number = (value: number): string => Math.round(value).toLocaleString('en')

const rowsOf = (count: number): string => `${number(count)} ${count === 1 ? 'row' : 'rows'}`

/** Rows so far, or in the end, and how fast they came. */
export const rateNote = (rows: number, ms: number): string =>
  `${rowsOf(rows)} in ${(ms / 1_000).toFixed(1)} s, ${number((rows * 1_000) / ms)} rows/s`

/** How many rows the page has, and how to get the next. Without some cells nobody knows whether there is one. */
export const pageNote = (rows: number, next: string | null, complete: boolean): string =>
  next === null
    ? `${rowsOf(rows)}${complete ? ', no more' : ''}`
    : `${rowsOf(rows)}, more follow: next page with --cursor ${next}`

/** What each cell did, one line for each. */
export const cellNotes = (cells: readonly CellReport[]): string[] =>
  cells.map(cell => `${printable(cell.name)} ${stateOf(cell)} ${rowsOf(cell.rows)} ${number(cell.ms)} ms`)

/** The warning about an answer that is not complete; nothing about one that is. */
export const warning = (cells: readonly CellReport[]): string[] => {
  const missing = cells.filter(({ error }) => error !== undefined)
  const names = missing.map(cell => `${printable(cell.name)} ${stateOf(cell)}${stubsOf(cell)}`).join(', ')
  return missing.length === 0 ? [] : [`crosscell: warning: partial answer, without ${names}`]
}

/** What of the rows are stubs: of such a row only what the instance mappings know is there. */
const stubsOf = ({ stubs }: CellReport): string => (stubs === undefined ? '' : `, ${rowsOf(stubs)} as stubs`)

const stateOf = ({ state, error }: CellReport): string =>
  error === undefined ? state : `${state} (${error.reason})`
