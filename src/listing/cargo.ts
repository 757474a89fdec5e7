import type { KeyPlan } from '../cells/key-plan.js'
import { name, type Sql } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Sources } from './sources.js'

/** What comes with the keys, and where it is in a selected row. */
export interface Cargo {
  /** The slot of the uuid of the row's instance; undefined when copies are not told apart. */
  readonly instance: number | undefined
  /** What is selected behind the keys. */
  readonly cargo: readonly Sql[]
  /** The slot of each field. */
  readonly slots: readonly number[]
}

/** What is selected for a query. A key that every cell gives as the column itself comes once. */
export const cargoOf = (
  { resource: { mapped }, instances }: Sources,
  { fields }: CheckedQuery,
  cells: KeyPlan['cells'],
): Cargo => {
  const different = [...new Set(cells)]
  const columns = (cells[0]?.select ?? []).map(({ text }, slot) =>
    different.every(({ select, fixes }) => select[slot]!.text === text && fixes.every(fix => fix.slot !== slot))
      ? text
      : undefined,
  )
  const cargo: Sql[] = []
  const slotOf = (column: string): number => {
    const selected = name(column)
    const slot = columns.indexOf(selected.text)
    if (slot >= 0) return slot
    cargo.push(selected)
    return columns.push(selected.text) - 1
  }
  return {
    instance: instances === undefined || mapped === undefined ? undefined : slotOf(mapped),
    slots: fields.map(slotOf),
    cargo,
  }
}
