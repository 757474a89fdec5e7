import type { SqlRow } from '../cells/connection.js'
import { type SideRead, sideReads } from '../resources/included.js'
import type { IncludedRows } from '../resources/resource.js'
import type { Sql, SqlValue } from '../sql/fragment.js'
import { type SelectRelated, selectRelated } from '../sql/select-related.js'
import { askCell } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Plan } from './plan.js'
import type { Included, Materialised } from './record.js'
import type { RollCall } from './roll-call.js'

/**
 * Adds the relations to records. Those that read the same rows take one statement for each cell, those in the API database
 * one for all cells, whatever the number of records. A cell that fails is out of the answer. A
 * document that can't be read, and everything of an API database that fails, is null and noted as `undecodable`.
 */
export const withRelations = async (
  plan: Plan,
  made: Materialised,
  at: readonly number[],
  roll: RollCall,
  deadline: Deadline,
): Promise<void> => {
  const { items, rows, origins } = made
  const { include } = plan.query
  const found = new Map(include.map((name): [string, unknown[]] => [name, []]))
  const ofCell = plan.cells.map((): number[] => [])
  for (const i of at) ofCell[origins[i]!]!.push(i)

  const fill = async (read: SideRead, at: readonly number[], ask: Ask): Promise<boolean> => {
    if (at.length === 0) return true
    const { slot, through } = ownersOf(plan, read.from)
    const owners = at.map(i => rows[i]![slot]!)
    const { table, column, only = [] } = read.from
    const { columns, orderBy, last } = read
    const answer = await ask(
      selectRelated({ table, column, through, owners: [...new Set(owners)], only, columns, orderBy, last }),
    )
    if (answer === undefined) return false
    const rowsOf = byOwner(answer)
    for (const [i, index] of at.entries())
      for (const { name, collect } of read.parts)
        found.get(name)![index] = collect(rowsOf.get(String(owners[i])) ?? [])
    return true
  }

  const reads = sideReads(plan.resource.relations, include)
  const fromCells = reads.filter(({ from }) => from.database === undefined)
  const fromApi = reads.filter(({ from }) => from.database === 'api')
  await Promise.all([
    ...plan.cells.flatMap((_, origin) =>
      fromCells.map(async read => {
        const ask: Ask = statement => askCell(plan.cells[origin]!.cell, statement, plan.query, roll, deadline)
        await fill(read, ofCell[origin]!, ask)
      }),
    ),
    ...fromApi.map(read => fill(read, at, statement => askApi(plan, statement, roll, deadline))),
  ])

  const inApi = new Set(fromApi.flatMap(({ parts }) => parts.map(({ name }) => name)))
  for (const i of at) {
    if (roll.isDown(plan.cells[origins[i]!]!.cell)) continue
    for (const name of include) {
      const value = found.get(name)![i] as Included
      items[i]![name] = value ?? null
      if (value !== undefined) continue
      items[i]!.undecodable = [...((items[i]!.undecodable as string[] | undefined) ?? []), name]
      const cell = inApi.has(name) ? plan.api! : plan.cells[origins[i]!]!.cell
      if (!roll.isDown(cell)) roll.undecodable(cell)
    }
  }
}

/** Asks a statement; undefined when what was asked is out of the answer. */
type Ask = (statement: Sql) => Promise<SqlRow[] | undefined>

/** A query with a relation in the API database is refused where there is none. */
const askApi = async (
  { api, query }: Plan,
  statement: Sql,
  roll: RollCall,
  deadline: Deadline,
): Promise<SqlRow[] | undefined> =>
  roll.isDown(api!) ? undefined : askCell(api!, statement, query, roll, deadline)

/** The key by which the owners are known: the one that the relation names, where it is a key; else the id. */
const ownersOf = (
  { resource: { table, id, uuid }, sort, keys }: Plan,
  { references }: IncludedRows,
): { readonly slot: number; readonly through: SelectRelated['through'] } => {
  const isKey = references === id || references === uuid
  const key = isKey ? references : id
  return {
    slot: keys.positions[sort.findIndex(({ column }) => column === key)]!,
    through: isKey ? undefined : { table, key, references },
  }
}

const byOwner = (answer: readonly SqlRow[]): Map<string, SqlValue[][]> => {
  const rows = new Map<string, SqlValue[][]>()
  for (const [owner, ...values] of answer as SqlValue[][]) {
    const key = String(owner)
    const of = rows.get(key)
    if (of === undefined) rows.set(key, [values])
    else of.push(values)
  }
  return rows
}
