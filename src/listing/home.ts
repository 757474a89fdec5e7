import type { InstanceMappings } from '../cells/instance-mappings.js'
import type { Scope } from '../resources/query.js'
import type { Deadline } from './deadline.js'

/** What the cell of an instance said. */
export interface AtHome<T> {
  /** The cell's uuid; undefined when no mapping of the scope names one, or the API database does not say. */
  readonly home: string | undefined
  /** Undefined when that cell could not be asked. */
  readonly said: T | undefined
}

/**
 * Asks the cell that an instance is in. That which it was in last is asked at once, while its mapping is read again; when
 * it has moved since, the right one is asked after that.
 *
 * @param failed - told when the API database does not answer; what the last cell said counts then
 */
export const askHome = async <T>(
  mappings: InstanceMappings,
  instance: string,
  scope: Scope,
  deadline: Deadline,
  failed: (error: unknown) => void,
  ask: (cell: string) => Promise<T | undefined>,
): Promise<AtHome<T>> => {
  const last = mappings.lastCellOf(instance, scope)
  const reading = mappings.cellOf(instance, scope, deadline.part()).catch((error: unknown) => {
    failed(error)
    return last
  })
  const [home, early] = await Promise.all([reading, last === undefined ? undefined : ask(last)])
  if (home === undefined) return { home, said: undefined }
  return { home, said: home === last ? early : await ask(home) }
}
