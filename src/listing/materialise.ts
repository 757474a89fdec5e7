import { LRUCache } from 'lru-cache'
import type { Merged } from '../engine/merge.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { ColumnKind } from '../sql/codec.js'
import { integers, join, name, type SqlValue, sql } from '../sql/fragment.js'
import { type RowDecoder, rowDecoder } from '../sql/row-decoder.js'
import { askCell } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import { withRelations } from './include.js'
import type { Plan } from './plan.js'
import type { AnyItem, Materialised } from './record.js'
import type { RollCall } from './roll-call.js'

/** Makes records of the winners' rows. Those that are gone by now, or whose cell went down, are left out. */
export type Materialise = (winners: Merged<KeyedRow>, deadline: Deadline) => Promise<Materialised>

/** How this plan makes records: of what came with the keys, or of rows fetched for the winners only. */
export const materialiser = (plan: Plan, roll: RollCall): Materialise => {
  const { fields, include } = plan.query
  const { columns } = plan.resource
  const decode = decoderFor(fields.map(field => [field, columns[field]!.kind]))
  const names = plan.cells.map(({ cell }) => ({ uuid: cell.uuid, name: cell.name }))
  const first = (plan.keys.cells[0]?.select.length ?? 0) + plan.cargo.length - (plan.late ? 0 : fields.length)

  const item = (row: readonly SqlValue[], from: number, origin: number): AnyItem => {
    const record: AnyItem = decode(row, from)
    record.cell = names[origin]!
    return record
  }

  const build = (
    { rows, origins }: Merged<KeyedRow>,
    recordOf: (row: KeyedRow, origin: number) => AnyItem | undefined,
  ): Materialised => {
    const made: Materialised = { items: [], rows: [], origins: [] }
    for (let i = 0; i < rows.length; i++) {
      const record = recordOf(rows[i]!, origins[i]!)
      if (record === undefined) continue
      made.items.push(record)
      made.rows.push(rows[i]!)
      made.origins.push(origins[i]!)
    }
    return made
  }

  const finish = async (made: Materialised, deadline: Deadline): Promise<Materialised> =>
    include.length === 0 ? made : withRelations(plan, made, roll, deadline)

  if (!plan.late)
    return async (winners, deadline) =>
      finish(
        build(winners, (row, origin) => item(row, first, origin)),
        deadline,
      )

  const idSlot = plan.sort.findIndex(({ column }) => column === plan.resource.id)
  return async (winners, deadline) => {
    const ids = names.map((): SqlValue[] => [])
    for (const [i, row] of winners.rows.entries()) ids[winners.origins[i]!]!.push(row[idSlot]!)
    const found = await Promise.all(ids.map((of, origin) => wideRows(plan, origin, of, roll, deadline)))
    const made = build(winners, (row, origin) => {
      const wide = found[origin]!.get(row[idSlot]!)
      return wide && item(wide, 1, origin)
    })
    return finish(made, deadline)
  }
}

const compiled = new LRUCache<string, RowDecoder>({ max: 1_000 })

/** A decoder is compiled once, and gets fast as it is used. */
const decoderFor = (columns: readonly (readonly [string, ColumnKind])[]): RowDecoder => {
  const key = columns.join()
  const known = compiled.get(key)
  if (known !== undefined) return known
  const decoder = rowDecoder(columns)
  compiled.set(key, decoder)
  return decoder
}

/** The full rows of some ids of one cell. Scope and filters apply again: a row may have left them meanwhile. */
const wideRows = async (
  plan: Plan,
  origin: number,
  ids: readonly SqlValue[],
  roll: RollCall,
  deadline: Deadline,
): Promise<Map<SqlValue, readonly SqlValue[]>> => {
  if (ids.length === 0) return new Map()
  const { resource, query, where } = plan
  const id = name(resource.id)
  const columns = join([id, ...query.fields.map(name)], ', ')
  const statement = sql`SELECT ${columns} FROM ${name(resource.table)} WHERE ${id} IN ${integers(ids)} AND ${where[origin]!}`
  const rows = (await askCell(plan.cells[origin]!.cell, statement, plan.query, roll, deadline)) ?? []
  // The merge has a BIGINT as text, and the driver where a number can't hold it.
  const big = resource.columns[resource.id]!.kind === 'bigint'
  const byId = new Map<SqlValue, readonly SqlValue[]>()
  for (const row of rows as SqlValue[][]) byId.set(big ? String(row[0]) : row[0]!, row)
  return byId
}
