import { decoderOf } from '../sql/codec.js'
import type { SqlValue } from '../sql/fragment.js'
import { readers } from './documents.js'
import type { IncludedRelation, IncludedRows, Resource } from './resource.js'

/** What one statement reads: the columns that some relations make their values of. */
export interface SideRead {
  readonly from: IncludedRows
  readonly columns: readonly string[]
  readonly orderBy: string
  /** Only the last row of each owner is read. */
  readonly last: boolean
  readonly parts: readonly Part[]
}

/** One relation's part in it. */
export interface Part {
  /** The relation. */
  readonly name: string
  /** Its value for an owner, of the rows of that owner; undefined when it can't be read. */
  readonly collect: (rows: readonly (readonly SqlValue[])[]) => unknown
}

/** The fewest statements that read some relations. */
export const sideReads = (relations: Resource['relations'], include: readonly string[]): SideRead[] => {
  const reads = new Map<string, SideRead & { readonly columns: string[]; readonly parts: Part[] }>()
  for (const relation of include) {
    const { relation: from } = relations[relation]!
    const shape = shapeOf(relations[relation]!)
    const { orderBy = 'id', last = false } = shape
    const same = JSON.stringify([from, orderBy, last])
    const read = reads.get(same) ?? { from, orderBy, last, columns: [], parts: [] }
    reads.set(same, read)
    for (const column of shape.columns) if (!read.columns.includes(column)) read.columns.push(column)
    const at = shape.columns.map(column => read.columns.indexOf(column))
    read.parts.push({
      name: relation,
      collect: rows => shape.collect(rows.map(row => at.map(i => row[i]!))),
    })
  }
  return [...reads.values()]
}

interface Shape {
  readonly columns: readonly string[]
  readonly orderBy?: string
  readonly last?: boolean
  readonly collect: (rows: readonly SqlValue[][]) => unknown
}

const shapeOf = (relation: IncludedRelation): Shape => {
  switch (relation.shape) {
    case 'labels': {
      const { label } = relation
      return { columns: [label], orderBy: label, collect: rows => rows.map(([one]) => one) }
    }
    case 'map':
      return { columns: [relation.key, relation.value], collect: rows => Object.fromEntries(rows) }
    case 'rows': {
      const { columns, record } = records(relation.columns)
      return { columns, collect: rows => rows.map(record) }
    }
    case 'latest': {
      const { columns, record } = records(relation.columns)
      return { columns, last: true, collect: rows => (rows.length === 0 ? null : record(rows.at(-1)!)) }
    }
    case 'document':
      return { columns: [relation.document], collect: ([row]) => document(relation.read, row?.[0] ?? null) }
  }
}

const records = (
  kinds: Extract<IncludedRelation, { readonly shape: 'rows' }>['columns'],
): { columns: string[]; record: (row: readonly SqlValue[]) => object } => {
  const columns = Object.keys(kinds)
  const decoders = columns.map(column => decoderOf(kinds[column]!.kind))
  return {
    columns,
    record: row => Object.fromEntries(columns.map((column, i) => [column, decoders[i]!(row[i]!)])),
  }
}

const document = (kind: keyof typeof readers, text: SqlValue): unknown => {
  if (text === null) return null
  try {
    return readers[kind](String(text))
  } catch {
    return undefined
  }
}
