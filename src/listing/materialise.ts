import { LRUCache } from 'lru-cache'
import type { Merged } from '../engine/merge.js'
import type { KeyedRow } from '../engine/ordering.js'
import { type Member, type RowDecoder, rowDecoder } from '../sql/row-decoder.js'
import type { Deadline } from './deadline.js'
import { withRelations } from './include.js'
import type { Plan } from './plan.js'
import type { AnyItem, Materialised } from './record.js'
import type { RollCall } from './roll-call.js'

/** Makes records of the winners' rows. Those whose cell goes down while it is asked for their relations are left out. */
export type Materialise = (winners: Merged<KeyedRow>, deadline: Deadline) => Promise<Materialised>

/** How this plan makes records. */
export const materialiser = (plan: Plan, roll: RollCall): Materialise => {
  const { fields, include } = plan.query
  const { columns } = plan.resource
  const decode = decoderFor(
    fields.map((column, i) => ({ column, kind: columns[column]!.kind, slot: plan.slots[i]! })),
  )
  const names = plan.cells.map(({ cell }) => ({ uuid: cell.uuid, name: cell.name }))
  return async ({ rows, origins }, deadline) => {
    const items = rows.map((row, i) => {
      const record: AnyItem = decode(row)
      record.cell = names[origins[i]!]!
      return record
    })
    const made = { items, rows, origins }
    return include.length === 0 ? made : withRelations(plan, made, roll, deadline)
  }
}

const compiled = new LRUCache<string, RowDecoder>({ max: 1_000 })

/** A decoder is compiled once, and gets fast as it is used. */
const decoderFor = (members: readonly Member[]): RowDecoder => {
  const key = members.map(({ column, kind, slot }) => `${column} ${kind} ${slot}`).join()
  const known = compiled.get(key)
  if (known !== undefined) return known
  const decoder = rowDecoder(members)
  compiled.set(key, decoder)
  return decoder
}
