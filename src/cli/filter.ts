import { InvalidArgumentError } from 'commander'
import type { Resource, SpecialFilter } from '../resources/resource.js'
import type { ColumnKind } from '../sql/codec.js'

/** Filters as the library takes them; it is the library that checks them. */
export type FilterArguments = Readonly<Record<string, unknown>>

// A value may hold anything, so only the first `=` and a `:` before it have a meaning.
const TERM = /^(?<key>[^:=]+)(?::(?<op>[^:=]*))?=(?<value>.*)$/s

/**
 * Adds one `--filter`: `KEY=VALUE`, `KEY:OPERATOR=VALUE` or `KEY:=JSON`.
 *
 * @throws InvalidArgumentError of commander when it has none of these forms, or contradicts an earlier one
 */
export const addFilter = (resource: Resource, filters: FilterArguments, text: string): FilterArguments => {
  const { key, op, value } = TERM.exec(text)?.groups ?? {}
  if (key === undefined || value === undefined)
    throw new InvalidArgumentError('It must be KEY=VALUE, KEY:OPERATOR=VALUE or KEY:=JSON.')
  const known = Object.hasOwn(filters, key)
  const isFlag = op === undefined && resource.flags.some(({ names }) => names.includes(key))
  if (op === '' || isFlag) {
    if (known) throw again(key)
    return { ...filters, [key]: isFlag ? booleanOf(value) : parseJson(value) }
  }
  if (Object.hasOwn(resource.filters, key))
    return { ...filters, [key]: special[resource.filters[key]!.kind](filters[key], op, value, key) }
  const operators = known ? filters[key] : {}
  if (!isOperators(operators)) throw again(key)
  return { ...filters, [key]: withOperator(operators, op ?? 'in', operandOf(resource, key, op, value), key) }
}

type Special = (before: unknown, op: string | undefined, value: string, key: string) => unknown

const labels: Special = (before = [], op, value, key) => {
  if (op !== undefined || !Array.isArray(before)) throw again(op === undefined ? key : `${key}:${op}`)
  return [...before, value]
}

const once: Special = (before, op, value, key) => {
  if (before !== undefined) throw again(key)
  return op === undefined ? value : { [op]: value }
}

/** The filters beside the columns: lists grow, pairs are `KEY:PAIR=VALUE`, the others are there once. */
const special: Readonly<Record<SpecialFilter['kind'], Special>> = {
  labels,
  either: labels,
  bound: once,
  address: once,
  pairs: (before = {}, op, value, key) => {
    if (op === undefined || !isOperators(before)) throw new InvalidArgumentError(`It must be ${key}:KEY=VALUE.`)
    return { ...before, [op]: [before[op] ?? [], value].flat() }
  },
}

type Operators = Readonly<Record<string, unknown>>

const isOperators = (filter: unknown): filter is Operators =>
  typeof filter === 'object' && filter !== null && !Array.isArray(filter)

/** Only membership can be said in several parts. */
const withOperator = (operators: Operators, op: string, operand: unknown, key: string): Operators => {
  if (op === 'in') return { ...operators, in: [operators.in ?? [], operand].flat() }
  if (Object.hasOwn(operators, op)) throw again(`${key}:${op}`)
  return { ...operators, [op]: operand }
}

const again = (what: string): InvalidArgumentError =>
  new InvalidArgumentError(`There is another filter for ${what} that it does not go together with.`)

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('What follows := must be JSON.')
  }
}

/** What is not of the column's kind stays text, for the library to refuse. */
const operandOf = ({ columns }: Resource, key: string, op: string | undefined, value: string): unknown => {
  if (op === 'is_null') return booleanOf(value)
  return Object.hasOwn(columns, key) ? typed[columns[key]!.kind](value) : value
}

/** A number, or the text itself when it is none. */
export const numberOf = (text: string): number | string => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)

const booleanOf = (text: string): boolean | string => (text === 'true' ? true : text === 'false' ? false : text)

const textOf = (text: string): string => text

// The exact kinds are text on both sides: no digit goes through a float.
const typed: Readonly<Record<ColumnKind, (text: string) => unknown>> = {
  int: numberOf,
  float: numberOf,
  bool: booleanOf,
  bigint: textOf,
  decimal: textOf,
  time: textOf,
  enum: textOf,
  text: textOf,
}
