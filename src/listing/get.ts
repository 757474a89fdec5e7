import { CellFailedError, InvalidOptionError } from '../errors.js'
import { isPlain } from '../validation/normal-form.js'
import { askHome } from './home.js'
import type { AnyItem } from './record.js'
import { type Answer, cellsOnly, firstOfCells, type Requests, within, withPolicy } from './requests.js'
import { ofInstances } from './sources.js'

/** A cell that fails is no reason to fail; anything else is. */
const onlyCells = (error: unknown): void => {
  if (!(error instanceof CellFailedError)) throw error
}

/** One record. */
export const get = async (
  requests: Requests,
  uuid: unknown,
  input: unknown,
  given: unknown,
): Promise<AnyItem | null> => {
  const { validator, sources } = requests
  const all = sources()
  const { resource, cells } = all
  if (resource.uuid === null)
    throw new InvalidOptionError('/uuid', `${resource.name} have no uuid`, 'a list with filters')
  const asked = isPlain(input)
    ? { ...input, filters: { ...(input.filters as object), [resource.uuid]: { eq: uuid } } }
    : input
  const options = cellsOnly('get', validator.options(given))
  const query = { ...withPolicy(all, validator.query('get', asked), options), limit: 1 }
  return within(requests, 'get', query, options, async deadline => {
    // In the cell that the mapping names it is the current copy: nothing else has to be asked.
    const inCell = async (home: string): Promise<Answer | undefined> => {
      const cell = cells.filter(({ uuid }) => uuid === home)
      return cell.length === 0
        ? undefined
        : firstOfCells(
            { ...all, cells: cell, instances: undefined },
            { ...query, stubs: false },
            undefined,
            deadline,
          )
    }
    const instances = ofInstances(all)
    const atHome =
      instances && (await askHome(instances.mappings, uuid as string, query.scope, deadline, onlyCells, inCell))
    const said = query.stubs && !atHome?.said?.roll.complete ? undefined : atHome?.said
    const { chunk, roll } = said ?? (await firstOfCells(all, query, undefined, deadline))
    const [item = null] = chunk.items
    if (item === null && options.downCells !== 'omit') roll.requireComplete()
    return item
  })
}
