import type { Cell, CellName } from '../cells/cell.js'
import type { SqlRow } from '../cells/connection.js'
import { declaredCell } from '../cells/declared-cell.js'
import { declaredTables } from '../resources/declared.js'
import { instances } from '../resources/instances.js'
import { where } from '../sql/condition.js'
import type { Sql, SqlValue } from '../sql/fragment.js'
import { selectBuilding, selectMapped, selectUsage } from '../sql/usage.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'

/** What instances use. */
export interface Used {
  readonly instances: number
  /** Virtual CPUs; null when they are not known of every instance. */
  readonly cores: number | null
  /** MiB; null when it is not known of every instance. */
  readonly ram: number | null
}

const TABLES = declaredTables(instances)

/** What a cell's own instances use, but for those with these uuids. */
export const readUsed = async (
  cell: Cell,
  { tenant, flags }: CheckedQuery,
  except: readonly SqlValue[],
  deadline: Deadline,
): Promise<Used> => {
  const declared = declaredCell(cell, TABLES)
  const visible = await conditions(declared, 'instances', [...tenant, ...flags], deadline)
  const [row] = await declared.query(selectUsage(visible, except), deadline.part())
  const [instances, cores, ram] = row!.map(Number) as [number, number, number]
  return { instances, cores, ram }
}

/** The instances that no cell has yet. */
interface Building {
  readonly uuids: readonly SqlValue[]
  readonly used: Used
}

/** What the API database knows of the instances that no cell has yet. */
export const readBuilding = async (
  api: Cell,
  { tenant }: CheckedQuery,
  deadline: Deadline,
): Promise<Building> => {
  const mapped = await conditions(api, 'instance_mappings', tenant, deadline)
  const rows = await api.query(selectBuilding(mapped), deadline.part())
  const sum = (column: number): number | null =>
    rows.some(row => row[column] === null) ? null : rows.reduce((all, row) => all + Number(row[column]), 0)
  return {
    uuids: rows.map(([uuid]) => uuid as string),
    used: { instances: rows.length, cores: sum(1), ram: sum(2) },
  }
}

/** What a cell's instances use, as the instance mappings have it. */
export interface Mapped extends CellName {
  readonly used: Used
}

/** What the API database knows of each cell but those that answered. */
export const readMapped = async (
  api: Cell,
  { tenant }: CheckedQuery,
  answered: readonly Cell[],
  except: readonly SqlValue[],
  deadline: Deadline,
): Promise<Mapped[]> => {
  const mapped = await conditions(api, 'instance_mappings', tenant, deadline)
  const statement = selectMapped(
    mapped,
    answered.map(({ uuid }) => uuid),
    except,
  )
  return (await api.query(statement, deadline.part())).map(toMapped)
}

const toMapped = ([uuid, name, instances, cores, coresKnown, ram, ramKnown]: SqlRow): Mapped => ({
  uuid: uuid as string,
  name: name as string,
  used: {
    instances: Number(instances),
    cores: coresKnown === instances ? Number(cores) : null,
    ram: ramKnown === instances ? Number(ram) : null,
  },
})

/** Conditions as the columns of this cell want them. */
const conditions = async (
  cell: Cell,
  table: string,
  all: CheckedQuery['tenant'],
  deadline: Deadline,
): Promise<Sql> => {
  const { columns } = await cell.schemaOf(table, deadline.part())
  return where(all, table, (_, column) => columns.get(column))
}
