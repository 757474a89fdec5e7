import { LRUCache } from 'lru-cache'
import type { Merged } from '../engine/merge.js'
import type { KeyedRow } from '../engine/ordering.js'
import { type Member, type RowDecoder, rowDecoder } from '../sql/row-decoder.js'
import type { Reading } from './cell-rows.js'
import type { Deadline } from './deadline.js'
import { withRelations } from './include.js'
import type { AnyItem, Included, Materialised } from './record.js'
import { stubOf } from './stub.js'

/** Makes records of the winners' rows. Those whose cell is down when it is asked for their relations are stubs, or left out. */
export type Materialise = (winners: Merged<KeyedRow>, deadline: Deadline) => Promise<Materialised>

/** How a scan makes records. */
export const materialiser = ({ plan, roll, stubs, indexed }: Reading): Materialise => {
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
    const isUp = (i: number): boolean => indexed?.has(rows[i]!) || !roll.isDown(plan.cells[origins[i]!]!.cell)
    if (include.length > 0) {
      for (const [i, row] of rows.entries()) {
        const known = indexed?.get(row)
        if (known === undefined) continue
        const { kept } = known
        for (const name of include) items[i]![name] = kept.r[name] as Included
        const unread = include.filter(name => kept.u?.includes(name))
        if (unread.length === 0) continue
        items[i]!.undecodable = unread
        for (const _ of unread) roll.undecodable(plan.cells[origins[i]!]!.cell)
      }
      const at = [...items.keys()].filter(i => !indexed?.has(rows[i]!))
      await withRelations(plan, { items, rows, origins }, at.filter(isUp), roll, deadline)
      for (const i of at) {
        if (isUp(i)) continue
        for (const name of include) items[i]![name] = null
        if (plan.stubs !== undefined) stubs.add(rows[i]!)
      }
    }
    if (plan.stubs !== undefined)
      for (const [i, row] of rows.entries()) if (stubs.has(row)) items[i] = stubOf(items[i]!)
    // Without relations, what a cell gave before it went down is as good as any other row.
    const stay = include.length > 0 && plan.stubs === undefined ? [...items.keys()].filter(isUp) : undefined
    if (stay === undefined || stay.length === items.length) return { items, rows, origins }
    return {
      items: stay.map(i => items[i]!),
      rows: stay.map(i => rows[i]!),
      origins: stay.map(i => origins[i]!),
    }
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
