import { createHash } from 'node:crypto'
import { InvalidOptionError } from '../errors.js'

/** One cell before it exists. */
export interface PlannedCell {
  readonly uuid: string
  readonly name: string
  readonly databaseName: string
  readonly buried: boolean
  /** How many instances it gets. */
  readonly count: number
}

const CELL0 = '00000000-0000-0000-0000-000000000000'

const uuidOf = (name: string): string => {
  const hash = createHash('sha256').update(`crosscell:${name}`).digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

/** Cuts `total` into whole parts in proportion to `weights`; the parts add up to exactly `total`. */
const share = (total: number, weights: readonly number[]): number[] => {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  let weight = 0
  let given = 0
  return weights.map(it => {
    weight += it
    const part = Math.round((total * weight) / all) - given
    given += part
    return part
  })
}

/** Which cells there will be, and how many instances each of them gets. */
export const planCells = (
  cells: number,
  cell0: boolean,
  instances: number | readonly number[],
): PlannedCell[] => {
  const numbers = Array.from({ length: cells + (cell0 ? 1 : 0) }, (_, at) => (cell0 ? at : at + 1))
  const counts =
    typeof instances === 'number'
      ? share(
          instances,
          numbers.map(k => (k === 0 ? 1 / 20 : 1 / k)),
        )
      : instances
  if (counts.length !== numbers.length)
    throw new InvalidOptionError(
      '/instances',
      `${counts.length} numbers`,
      `${numbers.length}, one for each cell${cell0 ? ', cell0 first' : ''}`,
    )
  return numbers.map((k, at) => ({
    uuid: k === 0 ? CELL0 : uuidOf(`cell${k}`),
    name: `cell${k}`,
    databaseName: `nova_cell${k}`,
    buried: k === 0,
    count: counts[at]!,
  }))
}
