import { InvalidFilterValueError } from '../errors.js'
import type { Condition } from '../sql/condition.js'
import type { SqlValue } from '../sql/fragment.js'

const MOST_VALUES = 100_000
const MOST_BYTES = 4 * 1_024 * 1_024

/**
 * Refuses filters that would be more than a server takes in one statement: MariaDB 16 MiB, where nothing else is set. It would
 * close the connection, and each cell would look as if it had failed.
 *
 * @throws {@link InvalidFilterValueError}
 */
export const checkSize = (filters: readonly Condition[]): void => {
  let values = 0
  let bytes = 0
  const add = (more: readonly SqlValue[]): void => {
    values += more.length
    for (const value of more) if (typeof value === 'string') bytes += Buffer.byteLength(value)
  }
  const addAll = (conditions: readonly Condition[]): void => {
    for (const condition of conditions) {
      if ('anyOf' in condition) for (const all of condition.anyOf) addAll(all)
      else if ('related' in condition) for (const [, some] of condition.related.values) add(some)
      else add([condition.value].flat())
    }
  }
  addAll(filters)
  if (values > MOST_VALUES || bytes > MOST_BYTES)
    throw new InvalidFilterValueError(
      '/filters',
      'there are too many values, or too long ones',
      `at most ${MOST_VALUES} values in all, of ${MOST_BYTES} bytes in UTF-8`,
    )
}
