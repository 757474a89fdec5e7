import { TooManyGroupsError } from '../errors.js'
import type { Kept } from '../search/document.js'
import { CELL } from '../search/frame.js'
import type { Current, OpenIndex } from '../search/open-index.js'
import type { Group, Wanted } from '../search/search-index.js'
import type { Value } from '../sql/codec.js'
import type { Deadline } from './deadline.js'

/** How many of the records that were found have a value. */
export interface FacetValue<V = Value> {
  /** As the first of them by uuid writes it; of `cell` its uuid. */
  readonly value: V
  readonly count: number
}

/** The values of one facet, those of most records first. */
export type Facet<V = Value> = readonly FacetValue<V>[]

/** Values of one facet at the most. */
const MOST_VALUES = 10_000

/** Counts what was found by the values of some columns, each for itself. */
export const facetsOf = async (
  index: OpenIndex,
  { generation, frame }: Current,
  wanted: Wanted,
  names: readonly string[],
  deadline: Deadline,
): Promise<Readonly<Record<string, Facet>>> => {
  const columns = Object.keys(frame.resource.columns)
  const shown = (name: string, { values, record }: Group): Value =>
    name === CELL ? values[0]! : (JSON.parse(record) as Kept).c[columns.indexOf(name)]!
  const facet = async (name: string): Promise<[string, Facet]> => {
    const signal = deadline.part()
    const groups = await index.ask(all => all.tally(generation, wanted, [name], MOST_VALUES, signal), signal)
    if (groups.length > MOST_VALUES) throw new TooManyGroupsError(MOST_VALUES)
    const most = [...groups].sort(
      (a, b) => b.count - a.count || (String(a.values[0]) < String(b.values[0]) ? -1 : 1),
    )
    return [name, most.map(group => ({ value: shown(name, group), count: group.count }))]
  }
  return Object.fromEntries(await Promise.all(names.map(facet)))
}
