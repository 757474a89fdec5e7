import type { CellName } from '../cells/cell.js'
import { isoOf } from '../search/freshness.js'
import type { Current } from '../search/open-index.js'
import type { AnyItem } from './record.js'
import type { CellReport } from './roll-call.js'

/** The index says of itself how old the records of cells are that are down. */
export const labelOld = (items: readonly AnyItem[], down: readonly string[], { asOf }: Current): void => {
  if (down.length === 0) return
  for (const item of items) {
    const { uuid } = item.cell as CellName
    const time = asOf.get(uuid)
    if (down.includes(uuid) && time !== undefined) item.asOf = isoOf(time)
  }
}

/** What cells did for an answer of the index: until when it knows each of them, and how true it is of them. */
export const asOfThen = (reports: readonly CellReport[], { asOf, freshness }: Current): readonly CellReport[] =>
  reports.map(report => {
    const time = asOf.get(report.uuid)
    if (time === undefined) return report
    return { ...report, asOf: isoOf(time), freshness: freshness(report.uuid).state }
  })
