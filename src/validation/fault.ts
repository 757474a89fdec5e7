import type { ErrorObject } from 'ajv'
import * as errors from '../errors.js'

/** Which error a schema node's violation is, by the word in its `fault` or `unknown` annotation. */
const faults = {
  scope: errors.InvalidScopeError,
  sort: errors.InvalidSortError,
  'sort-key': errors.UnknownSortKeyError,
  'group-key': errors.UnknownGroupKeyError,
  direction: errors.InvalidDirectionError,
  filter: errors.UnknownFilterError,
  operator: errors.UnknownOperatorError,
  value: errors.InvalidFilterValueError,
  field: errors.UnknownFieldError,
  include: errors.UnknownIncludeError,
  limit: errors.InvalidLimitError,
  marker: errors.InvalidMarkerError,
  cursor: errors.InvalidCursorError,
  option: errors.InvalidOptionError,
  'unknown-option': errors.UnknownOptionError,
} as const

/** A word that names an error in a schema. */
export type Fault = keyof typeof faults

/** What every node of our schemas says about its violation. */
export interface Annotation {
  /** The error of a wrong value. */
  readonly fault: Fault
  /** What a right value is, in words. */
  readonly expects: string
  /** The error of a member that the object does not have. */
  readonly unknown?: Fault
}

/** Faults whose value is a name that the caller wrote, and that may be shown; all others may hold data. */
const SHOWN = new Set<Fault>(['sort-key', 'group-key', 'direction', 'field', 'include', 'limit'])

/** The one error that a violation is. */
export const faultOf = (violation: ErrorObject): errors.InvalidInputError => {
  const { fault, expects, unknown = fault } = violation.parentSchema as unknown as Annotation
  const member = violation.params as { additionalProperty?: string; missingProperty?: string }
  const path = violation.instancePath
  if (member.additionalProperty !== undefined) {
    const known = Object.keys((violation.parentSchema as { properties: object }).properties)
    const there = `${path}/${member.additionalProperty.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return new faults[unknown](
      there,
      'there is no such name',
      known.length > 0 ? `one of ${known.join(', ')}` : expects,
    )
  }
  return new faults[fault](path, `got ${shown(violation.data, SHOWN.has(fault))}`, expects)
}

const shown = (value: unknown, mayShow: boolean): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  // What does not look like a name may be a URL that was put in the wrong place.
  const isName = typeof value === 'number' || (typeof value === 'string' && /^[\w.:-]{1,80}$/.test(value))
  if (mayShow && isName) return JSON.stringify(value)
  return `a value of type ${typeof value} that does not fit`
}
