import { type Sql, sql } from '../../sql/fragment.js'
import type { Wanted } from '../search-index.js'
import { type Driver, driversOf } from './drivers.js'
import type { Looking } from './looking.js'
import type { OrderIndex } from './tables.js'
import { type Way, wayFor, worthCounting } from './ways.js'

/** How documents are found. */
export interface Chosen {
  readonly way: Way
  /** Of `drive` and `both`. */
  readonly docs?: Sql | undefined
}

/** What is looked for: a page in an order that an index has, or else what a driver is worth that has less than a part of all. */
export type Aim = { readonly index: OrderIndex; readonly limit: number } | { readonly part: number }

/** What has so few is taken without counting anything else. */
const FEW = 300

/** Looks how many documents each driver has, as far as that matters. */
export const choose = async (looking: Looking, wanted: Wanted, aim: Aim): Promise<Chosen> => {
  const drivers = driversOf(looking.columns, wanted)
  const few = await fewest(looking, drivers, FEW)
  if (few.docs !== undefined) return { way: 'drive', docs: few.docs }

  const [all] = (await looking.all(sql`SELECT coalesce(max(doc), 0) FROM docs`))[0] as [number]
  if ('part' in aim) {
    const { docs } = await fewest(looking, drivers, Math.ceil(all / aim.part))
    return docs === undefined ? { way: 'scan' } : { way: 'drive', docs }
  }
  const { index, limit } = aim
  const most = worthCounting(all, limit)
  const inIndex = ({ owner }: Driver): boolean =>
    owner !== undefined && looking.columns.owner(owner).text === `d.${index.columns[0]}`
  const own = await fewest(looking, drivers.filter(inIndex), most)
  const others = await fewest(
    looking,
    drivers.filter(driver => !inIndex(driver)),
    most,
  )
  const best = own.count < others.count ? own : others
  const way = wayFor({ all, limit, driven: best.count, others: others.count })
  return { way, docs: { drive: best.docs, both: others.docs, walk: undefined }[way] }
}

interface Counted {
  readonly docs: Sql | undefined
  readonly count: number
}

/** So many are remembered. */
const MOST_REMEMBERED = 100_000

/** The driver with the fewest documents, of those with fewer than so many. */
const fewest = async (looking: Looking, drivers: readonly Driver[], most: number): Promise<Counted> => {
  let best: Counted = { docs: undefined, count: Number.POSITIVE_INFINITY }
  for (const { docs, costly } of drivers) {
    const enough = Math.min(most, best.count)
    const found = costly && enough <= MOST_REMEMBERED ? sql`json_group_array(doc)` : sql`NULL`
    const [count, list] = (await looking.first(
      sql`SELECT count(*), ${found} FROM (${docs} LIMIT ${enough})`,
    )) as [number, string | null]
    if (count < enough)
      best = { count, docs: list === null ? docs : sql`SELECT value AS doc FROM json_each(${list})` }
  }
  return best
}
