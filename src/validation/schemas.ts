import type { Column } from '../resources/column.js'
import { operatorsOf } from '../resources/operator.js'
import type { Resource, SpecialFilter } from '../resources/resource.js'
import type { ColumnKind } from '../sql/codec.js'
import type { Operator } from '../sql/condition.js'
import type { Annotation } from './fault.js'
import { MAX_LIST } from './normal-form.js'

/** A JSON Schema whose every node says which error its violation is. */
export type AnnotatedSchema = Annotation & Readonly<Record<string, unknown>>

/**
 * The JSON Schema of a resource's queries, in their normal form: sort keys as objects, filters by operator. Columns that take the
 * same have one schema: there are few of those, and what is compiled is what is there.
 */
export const querySchema = (resource: Resource, maxLimit: number): AnnotatedSchema => ({
  $defs: Object.fromEntries(
    Object.values(resource.columns).map(column => [definitionOf(column), columnSchema(column)]),
  ),
  type: 'object',
  fault: 'option',
  expects: 'an object',
  properties: {
    scope: scopeSchema(Object.keys(resource.scope)),
    filters: filtersSchema(resource),
    sort: sortSchema(resource.sortKeys),
    group_by: {
      ...list('group-key', 'a list of at most 4 different sort keys', 0),
      maxItems: 4,
      items: {
        enum: resource.sortKeys,
        fault: 'group-key',
        expects: `one of ${resource.sortKeys.join(', ')}`,
      },
    },
    fields: {
      ...list('field', 'a list of different columns, at least one', 1),
      maxItems: Object.keys(resource.columns).length,
      items: {
        enum: Object.keys(resource.columns),
        fault: 'field',
        expects: `one of ${Object.keys(resource.columns).join(', ')}`,
      },
    },
    include: includeSchema(Object.keys(resource.relations)),
    limit: {
      type: 'integer',
      minimum: 0,
      maximum: maxLimit,
      fault: 'limit',
      expects: `a whole number from 0 to ${maxLimit}`,
    },
    marker: { type: 'string', format: 'uuid', fault: 'marker', expects: 'the uuid of a record' },
    cursor: {
      type: 'string',
      minLength: 1,
      maxLength: 65_536,
      fault: 'cursor',
      expects: 'a cursor that a page gave',
    },
    text: {
      type: 'string',
      format: 'well-formed',
      maxLength: 255,
      fault: 'option',
      expects: 'a text of at most 255 characters',
    },
    facets: {
      ...list('option', 'a list of at most 10 different sort keys', 0),
      maxItems: 10,
      items: {
        enum: ['cell', ...resource.sortKeys],
        fault: 'option',
        expects: `one of cell, ${resource.sortKeys.join(', ')}`,
      },
    },
    highlight: { type: 'boolean', fault: 'option', expects: 'true or false' },
    // Only in the place of a sort, which says so.
    relevance: { type: 'boolean', fault: 'option', expects: 'true or false' },
  },
})

const list = (fault: Annotation['fault'], expects: string, minItems: number) =>
  ({ type: 'array', minItems, uniqueItems: true, fault, expects }) as const

const includeSchema = (names: readonly string[]): AnnotatedSchema => {
  const expects = names.length > 0 ? `different ones of ${names.join(', ')}` : `nothing: there are no relations`
  const items = names.length > 0 ? { enum: names, fault: 'include', expects } : {}
  return { ...list('include', expects, 0), maxItems: names.length, items }
}

const tenant = {
  type: 'string',
  // What is not would be sent as another character: that of another tenant.
  format: 'well-formed',
  minLength: 1,
  maxLength: 255,
  fault: 'scope',
  expects: 'an id of 1 to 255 characters',
}

const scopeSchema = (tenants: readonly string[]): AnnotatedSchema => {
  const expects = [...tenants.map(name => `{ ${name} }`), "'all'"].join(' or ')
  return {
    fault: 'scope',
    expects,
    type: ['object', 'string'],
    if: { type: 'string' },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
    then: { const: 'all', fault: 'scope', expects },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties: Object.fromEntries(tenants.map(name => [name, tenant])),
  }
}

const sortSchema = (keys: readonly string[]): AnnotatedSchema => ({
  ...list('sort', 'a list of different sort keys, at least one', 1),
  maxItems: keys.length,
  items: {
    type: 'object',
    fault: 'sort',
    expects: "a sort key, 'key:asc', 'key:desc' or { key, dir }",
    additionalProperties: false,
    required: ['key', 'dir'],
    properties: {
      key: { enum: keys, fault: 'sort-key', expects: `one of ${keys.join(', ')}` },
      dir: { enum: ['asc', 'desc'], fault: 'direction', expects: 'asc or desc' },
    },
  },
})

const filtersSchema = ({ columns, flags, filters }: Resource): AnnotatedSchema => ({
  type: 'object',
  fault: 'filter',
  unknown: 'filter',
  expects: 'an object of filters',
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, { $ref: `#/$defs/${definitionOf(column)}` }]),
    ),
    ...Object.fromEntries(
      flags
        .flatMap(({ names }) => names)
        .map(name => [name, { enum: [true, false, 'any'], fault: 'value', expects: "true, false or 'any'" }]),
    ),
    ...Object.fromEntries(Object.entries(filters).map(([name, { kind }]) => [name, specialSchemas[kind]])),
  },
})

/** The same name for columns that take the same. */
const definitionOf = ({ kind, members = [] }: Column): string =>
  encodeURIComponent([kind, ...members].join(' ')).replaceAll('%', '-')

const columnSchema = (column: Column): AnnotatedSchema => ({
  type: 'object',
  fault: 'value',
  unknown: 'operator',
  expects: `a ${expected[column.kind]}, a list of them, or an object of operators`,
  minProperties: 1,
  additionalProperties: false,
  properties: Object.fromEntries(operatorsOf[column.kind].map(op => [op, operandSchema(op, column)])),
})

const operandSchema = (op: Operator, column: Column): AnnotatedSchema => {
  const value = valueSchema(column)
  switch (op) {
    case 'eq':
    case 'ne':
      return orNull(value)
    case 'in':
      return {
        type: 'array',
        maxItems: MAX_LIST,
        fault: 'value',
        expects: `a list of at most ${MAX_LIST} values`,
        items: orNull(value),
      }
    case 'is_null':
      return { type: 'boolean', fault: 'value', expects: 'true or false' }
    case 'regexp':
      return { ...value, minLength: 1, maxLength: 255, expects: 'a regular expression of 1 to 255 characters' }
    default:
      return value
  }
}

const orNull = (value: AnnotatedSchema): AnnotatedSchema => ({
  ...value,
  ...(value.type === undefined ? {} : { type: [value.type, 'null'].flat() }),
  ...(value.enum === undefined ? {} : { enum: [...(value.enum as unknown[]), null] }),
  expects: `${value.expects}, or null`,
})

const expected: Record<ColumnKind, string> = {
  int: 'whole number',
  float: 'number',
  bigint: 'whole number, as a number or as text',
  decimal: 'decimal number, as a whole number or as text',
  bool: 'boolean',
  time: 'time in ISO 8601, of at most microseconds',
  enum: 'member of the enumeration',
  text: 'text',
}

const numeral = {
  type: ['integer', 'string'],
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
}

const forms: Record<ColumnKind, Readonly<Record<string, unknown>>> = {
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 32 - 1 },
  float: { type: 'number' },
  bigint: { ...numeral, pattern: '^-?\\d{1,20}$' },
  decimal: { ...numeral, pattern: '^-?\\d{1,35}(\\.\\d{1,30})?$' },
  bool: { type: 'boolean' },
  time: { type: 'string', format: 'time' },
  enum: {},
  text: { type: 'string', format: 'well-formed' },
}

const valueSchema = ({ kind, members }: Column): AnnotatedSchema => ({
  ...forms[kind],
  ...(members === undefined ? {} : { enum: members }),
  fault: 'value',
  expects: members === undefined ? `a ${expected[kind]}` : `one of ${members.join(', ')}`,
})

/** The JSON Schema of what is said beside a query, without the signal, which is no data. */
export const optionsSchema: AnnotatedSchema = {
  type: 'object',
  fault: 'option',
  unknown: 'unknown-option',
  expects: 'an object of options',
  additionalProperties: false,
  properties: {
    deadline: {
      type: 'integer',
      minimum: 1,
      maximum: 2 ** 31 - 1,
      fault: 'option',
      expects: 'a whole number of milliseconds, at least 1',
    },
    downCells: { enum: ['omit', 'stub', 'fail'], fault: 'option', expects: "'omit', 'stub' or 'fail'" },
    source: { enum: ['auto', 'cells', 'index'], fault: 'option', expects: "'auto', 'cells' or 'index'" },
    maxStaleness: {
      type: 'integer',
      minimum: 0,
      maximum: 2 ** 31 - 1,
      fault: 'option',
      expects: 'a whole number of milliseconds, at least 0',
    },
  },
}

const texts = (maxItems: number, expects: string) => ({
  type: 'array',
  minItems: 1,
  maxItems,
  fault: 'value',
  expects,
  items: { ...forms.text, minLength: 1, fault: 'value', expects: 'a text of at least one character' },
})

/** What the filters beside the columns take. */
const specialSchemas: Record<SpecialFilter['kind'], AnnotatedSchema> = {
  labels: texts(50, 'a list of 1 to 50 texts') as AnnotatedSchema,
  pairs: {
    type: 'object',
    minProperties: 1,
    maxProperties: 50,
    fault: 'value',
    expects: 'an object of 1 to 50 keys with a text, or a list of texts, each',
    propertyNames: { ...forms.text, fault: 'value', expects: 'a text as a key' },
    additionalProperties: {
      ...texts(1_000, 'a text, or a list of 1 to 1000 texts'),
      items: { ...forms.text, fault: 'value', expects: 'a text' },
    },
  },
  either: texts(MAX_LIST, 'a text, or a list of them') as AnnotatedSchema,
  bound: { ...forms.time, fault: 'value', expects: `a ${expected.time}` },
  address: {
    type: 'object',
    fault: 'value',
    expects: 'an IP address, a network in CIDR notation, or { prefix }',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties: {
      network: {
        type: 'string',
        maxLength: 64,
        format: 'network',
        fault: 'value',
        expects: 'an IP address or a network in CIDR notation',
      },
      prefix: {
        type: 'string',
        pattern: '^[0-9a-fA-F.:]{1,45}$',
        fault: 'value',
        expects: 'the beginning of an IP address',
      },
    },
  },
}
