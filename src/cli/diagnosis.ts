import { API_DATABASE } from '../cells/build-requests.js'
import type { CellExplanation, Explained } from '../listing/explain.js'

/** What would make a sort key cheap, and where. */
export interface Remedy {
  /** Why it is not; see `Advice`. */
  readonly code: string
  /** The statement that mends it; null when no index does. */
  readonly ddl: string | null
  /** The names of the cells that need it. */
  readonly cells: readonly string[]
}

/** What it costs to sort by a key. */
export interface Diagnosis {
  readonly key: string
  /**
   * `cheap`: every cell reads a page off an index. `scan`: some read all that shows, and sort it. `refused`: the cells can't be sorted by
   * it together. `unknown`: no cell answered.
   */
  readonly page: 'cheap' | 'scan' | 'refused' | 'unknown'
  /** How many cells answered. */
  readonly cells: number
  /** The names of those that read everything. */
  readonly scans: readonly string[]
  /** The indexes that pages are read off. */
  readonly indexes: readonly string[]
  /** How many rows the cell that reads the most expects to read, of those that read everything. Null when none does. */
  readonly rows: number | null
  readonly remedies: readonly Remedy[]
  /** Why it is refused. */
  readonly reason?: string
}

/** The cells that answered. The API database is not among them: nobody gives the build requests an index. */
const cellsOf = ({ cells }: Explained): CellExplanation[] =>
  cells.filter(({ uuid, error }) => uuid !== API_DATABASE.uuid && error === undefined)

/** What the cells said of a key. */
export const diagnose = (key: string, explained: Explained): Diagnosis => {
  const cells = cellsOf(explained)
  const scans = cells.filter(({ filesort, temporary, full }) => filesort || temporary || full)
  const remedies = new Map<string, Remedy>()
  for (const { name, advice } of cells) {
    if (advice === undefined) continue
    const { code, ddl } = advice
    remedies.set(code, { code, ddl, cells: [...(remedies.get(code)?.cells ?? []), name] })
  }
  const indexes = cells.filter(cell => !scans.includes(cell)).map(({ index }) => index!)
  return {
    key,
    page: scans.length > 0 ? 'scan' : cells.length > 0 ? 'cheap' : 'unknown',
    cells: cells.length,
    scans: scans.map(({ name }) => name),
    indexes: [...new Set(indexes)],
    rows: scans.length > 0 ? Math.max(...scans.map(({ rows }) => rows!)) : null,
    remedies: [...remedies.values()],
  }
}

/** What the cells would not sort by. */
export const refused = (key: string, reason: string): Diagnosis => ({
  key,
  page: 'refused',
  cells: 0,
  scans: [],
  indexes: [],
  rows: null,
  remedies: [],
  reason,
})
