import { readers } from '../resources/documents.js'
import type { IncludedRelation, Relation } from '../resources/resource.js'
import { decoderOf } from '../sql/codec.js'
import type { SqlValue } from '../sql/fragment.js'
import { selectRelated } from '../sql/select-related.js'
import type { Deadline } from './deadline.js'
import { cellDown, type Plan } from './plan.js'
import type { Included, Materialised } from './record.js'
import type { RollCall } from './roll-call.js'

/**
 * Adds the relations to records, one statement for each relation and cell whatever the number of records. A cell that
 * fails is out of the answer, with its records; a document that can't be read is null and noted as `undecodable`.
 */
export const withRelations = async (
  plan: Plan,
  made: Materialised,
  roll: RollCall,
  deadline: Deadline,
): Promise<Materialised> => {
  const { items, origins } = made
  const slot = plan.keys.positions[plan.sort.findIndex(({ column }) => column === plan.resource.uuid)]!
  const owners = made.rows.map(row => row[slot]!)
  const failed = new Set<number>()

  const add = async (name: string, origin: number): Promise<void> => {
    const { cell } = plan.cells[origin]!
    const own = [...items.keys()].filter(i => origins[i] === origin)
    if (own.length === 0) return
    try {
      const relation = plan.resource.relations[name]!
      const included = await readRelation(
        plan,
        origin,
        relation,
        own.map(i => owners[i]!),
        deadline,
      )
      for (const i of own) {
        const value = included(owners[i]!)
        items[i]![name] = value ?? null
        if (value !== undefined) continue
        items[i]!.undecodable = [...((items[i]!.undecodable as string[] | undefined) ?? []), name]
        roll.undecodable(cell)
      }
    } catch (error) {
      cellDown(roll, cell, plan.query, error)
      failed.add(origin)
    }
  }

  await Promise.all(plan.query.include.flatMap(name => plan.cells.map((_, origin) => add(name, origin))))
  const stay = <T>(all: readonly T[]): T[] => all.filter((_, i) => !failed.has(origins[i]!))
  return { items: stay(items), rows: stay(made.rows), origins: stay(origins) }
}

/** Reads one relation of one cell's winners in one statement: from the owner to what it adds. */
const readRelation = async (
  plan: Plan,
  origin: number,
  relation: IncludedRelation,
  owners: readonly SqlValue[],
  deadline: Deadline,
): Promise<(owner: SqlValue) => Included> => {
  const { columns, orderBy = 'id', latest, collect } = shapes[relation.shape](relation as never)
  const { table, column, only }: Relation = relation.relation
  const rows = await plan.cells[origin]!.cell.query(
    selectRelated({ table, column, owners, columns, orderBy, latest, only: only && [only.column, only.eq!] }),
    deadline.part(),
  )
  const byOwner = new Map<SqlValue, SqlValue[][]>()
  for (const [owner, ...values] of rows as SqlValue[][]) {
    const of = byOwner.get(owner!)
    if (of === undefined) byOwner.set(owner!, [values])
    else of.push(values)
  }
  return owner => collect(byOwner.get(owner) ?? [])
}

interface Shape {
  readonly columns: readonly string[]
  readonly orderBy?: string
  readonly latest?: string
  readonly collect: (rows: readonly SqlValue[][]) => Included
}

type Of<S extends IncludedRelation['shape']> = Extract<IncludedRelation, { readonly shape: S }>

const shapes: { readonly [S in IncludedRelation['shape']]: (relation: Of<S>) => Shape } = {
  labels: ({ label }) => ({ columns: [label], orderBy: label, collect: rows => rows.map(([one]) => one!) }),
  map: ({ key, value }) => ({ columns: [key, value], collect: rows => Object.fromEntries(rows) }),
  latest: ({ columns }) => {
    const names = Object.keys(columns)
    const decoders = names.map(name => decoderOf(columns[name]!.kind))
    return {
      columns: names,
      latest: 'id',
      collect: ([row]) =>
        row ? Object.fromEntries(names.map((name, i) => [name, decoders[i]!(row[i]!)])) : null,
    }
  },
  document: ({ document, read }) => ({
    columns: [document],
    collect: ([row]) => {
      const text = row?.[0] ?? null
      if (text === null) return null
      try {
        return readers[read](String(text))
      } catch {
        return undefined
      }
    },
  }),
}
