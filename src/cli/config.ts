import { createHash, scryptSync } from 'node:crypto'
import type { CellMapping } from '../cells/directory.js'
import type { CellsConfig } from '../listing/cells.js'

/** A cell as `--cell` names it. */
export interface NamedDatabase {
  readonly name: string
  readonly database: string
}

/** What `openCells` is given. */
export const configOf = ({
  apiDb,
  cell,
}: {
  readonly apiDb?: string
  readonly cell?: readonly NamedDatabase[]
}): CellsConfig =>
  cell === undefined
    ? { apiDatabase: apiDb!, cursorSecrets: [secretOf([apiDb!])] }
    : { cells: cell.map(withUuid), cursorSecrets: [secretOf(cell.map(({ database }) => database))] }

/** The same name has the same uuid in every run, so that cursors and rows of different runs fit together. */
const withUuid = ({ name, database }: NamedDatabase): CellMapping => {
  const hash = createHash('sha256').update(name).digest('hex')
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)]
  return { uuid: uuid.join('-'), name, database }
}

/**
 * A cursor has to outlive the process that made it, so its secret is made of what every run with the same
 * databases knows: their URLs, passwords included. Slowly, because cursors are printed and must not help to guess.
 */
const secretOf = (urls: readonly string[]): string =>
  scryptSync(JSON.stringify(urls), 'crosscell cursor', 32).toString('hex')
