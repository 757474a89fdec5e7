import { Ajv, type ValidateFunction } from 'ajv'
import type { Direction } from '../engine/ordering.js'
import {
  InvalidMarkerError,
  InvalidOptionError,
  InvalidSortError,
  MissingScopeError,
  UnknownOptionError,
} from '../errors.js'
import type { Scope } from '../resources/query.js'
import type { Resource } from '../resources/resource.js'
import { parseNetwork } from '../sql/address.js'
import { parseTime } from '../sql/codec.js'
import type { Condition } from '../sql/condition.js'
import { filterConditions, flagConditions, type NormalFilters, scopeConditions } from './conditions.js'
import { faultOf } from './fault.js'
import { given, isPlain, normalFilters, normalSort, readOnce } from './normal-form.js'
import { type AnnotatedSchema, optionsSchema, querySchema } from './schemas.js'
import { checkSize } from './size.js'

/** A query that has been checked, with every default in place. */
export interface CheckedQuery {
  readonly scope: Scope
  /** The scope as conditions: part of every statement. */
  readonly tenant: readonly Condition[]
  /** The caller's filters. */
  readonly filters: readonly Condition[]
  /** What shows by default, or as the caller's flags say. */
  readonly flags: readonly Condition[]
  readonly sort: readonly { readonly key: string; readonly dir: Direction }[]
  readonly fields: readonly string[]
  /** The keys that `count` groups by. */
  readonly groupBy: readonly string[]
  /** The relations to add. */
  readonly include: readonly string[]
  readonly limit: number
  readonly marker: string | undefined
  readonly cursor: string | undefined
  /** Whether stubs stand for the records of a cell that is down. */
  readonly stubs?: boolean
  /** What a cursor of this query is bound to. */
  readonly binding: string
  /** Of a search. */
  readonly search?: Search
}

/** What a search asks beside a list. */
export interface Search {
  /** Texts that each have to be found. */
  readonly words: readonly string[]
  /** All of the text, without what stands around it. */
  readonly text: string
  /** Those that fit best come first, then by the sort. */
  readonly byRelevance: boolean
  readonly facets: readonly string[]
  readonly highlight: boolean
}

/** What may be said beside a query. */
export interface RequestOptions {
  /** Aborts the request; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Milliseconds for the whole request, at least 1. A cell that has not answered by then is `timed-out`.
   * `iterate` gives each of its steps that long. Default: 10,000.
   */
  readonly deadline?: number
  /**
   * What becomes of an answer without a cell that is down: `omit` leaves its rows out and says so, `fail` throws
   * `CellsUnavailableError`, `stub` puts in their place what the instance mappings know (`uuid`, `project_id`, `user_id`, `created_at`; only
   * of instances, with an API database, and where they can judge all filters). Default: `omit` for pages, which say so; `fail` for
   * `iterate` and `get`, which can't.
   */
  readonly downCells?: 'omit' | 'stub' | 'fail'
  /**
   * Who answers: `cells`; `index`, it alone, or `IndexUnavailableError`; `auto`, whoever is faster and right, so that what the index says is
   * brought up to date by what has changed in the cells since, unless `maxStaleness` does without. `index` is for `list`, `pages` and
   * `count`. Default: `auto`. Without an index the cells answer.
   */
  readonly source?: 'auto' | 'cells' | 'index'
  /** Milliseconds that an answer may be behind the cells, at least 0. Default: none with `auto`, any number with `index`. */
  readonly maxStaleness?: number
}

/** What may be said beside a search. */
export type SearchOptions = Pick<RequestOptions, 'signal' | 'deadline' | 'maxStaleness'>

const PAGE = ['scope', 'filters', 'fields', 'include', 'sort', 'marker', 'cursor', 'limit'] as const

/** What each verb takes. */
const MEMBERS = {
  count: ['scope', 'filters', 'group_by'],
  get: ['scope', 'filters', 'fields', 'include'],
  iterate: ['scope', 'filters', 'fields', 'include', 'sort', 'marker', 'cursor'],
  list: PAGE,
  catchUp: ['scope', 'filters', 'fields', 'include', 'sort', 'cursor', 'limit'],
  explain: PAGE,
  search: ['scope', 'text', 'filters', 'fields', 'include', 'sort', 'facets', 'highlight', 'cursor', 'limit'],
} as const

/** A way to ask. */
export type Verb = keyof typeof MEMBERS

/** Checks what callers say about one resource. */
export interface Validator {
  /** @throws a subclass of InvalidInputError */
  query(verb: Verb, input: unknown): CheckedQuery
  /** @throws a subclass of InvalidInputError */
  options(input: unknown): RequestOptions
}

type Check = (data: unknown) => void

const validators = new WeakMap<Resource, Map<number, Validator>>()

/** The checks of one resource. Compiling its schemas takes tens of milliseconds: they are kept as long as the resource is. */
export const validatorOf = (resource: Resource, maxLimit: number): Validator => {
  const known = validators.get(resource) ?? new Map<number, Validator>()
  validators.set(resource, known)
  const validator = known.get(maxLimit) ?? makeValidator(resource, maxLimit)
  known.set(maxLimit, validator)
  return validator
}

/** Each check is compiled when it is first needed. */
const makeValidator = (resource: Resource, maxLimit: number): Validator => {
  const ajv = new Ajv({ verbose: true, allowUnionTypes: true, strictTuples: false, inlineRefs: false })
  ajv.addVocabulary(['fault', 'expects', 'unknown'])
  ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i)
  ajv.addFormat('time', text => parseTime(text) !== undefined)
  ajv.addFormat('network', text => parseNetwork(text) !== undefined)
  ajv.addFormat('well-formed', text => text.isWellFormed())
  const checkOf = (schema: () => AnnotatedSchema): Check => {
    let validate: ValidateFunction | undefined
    return data => {
      validate ??= ajv.compile(schema())
      if (!validate(data)) throw faultOf(validate.errors![0]!)
    }
  }
  const checkQuery = checkOf(() => querySchema(resource, maxLimit))
  const checkOptions = checkOf(() => optionsSchema)
  return {
    query: (verb, input) => {
      const normal = isPlain(input) ? normalQuery(verb, input, resource) : input
      checkQuery(normal)
      return checked(verb, normal as NormalQuery, resource, maxLimit)
    },
    options: (input = {}) => {
      if (!isPlain(input)) checkOptions(input)
      const { signal, ...rest } = given(input as Record<string, unknown>)
      if (signal !== undefined && !(signal instanceof AbortSignal))
        throw new InvalidOptionError('/signal', 'got something else', 'an AbortSignal')
      checkOptions(rest)
      return signal === undefined ? rest : { ...rest, signal }
    },
  }
}

interface NormalQuery {
  readonly scope: Scope
  readonly filters?: NormalFilters
  readonly sort?: CheckedQuery['sort']
  readonly group_by?: readonly string[]
  readonly fields?: readonly string[]
  readonly include?: readonly string[]
  readonly limit?: number
  readonly marker?: string
  readonly cursor?: string
  readonly text?: string
  readonly relevance?: boolean
  readonly facets?: readonly string[]
  readonly highlight?: boolean
}

const normalQuery = (
  verb: Verb,
  input: Record<string, unknown>,
  resource: Resource,
): Record<string, unknown> => {
  const query = readOnce(input) as Record<string, unknown>
  const known: readonly string[] = MEMBERS[verb]
  const unknown = Object.keys(query).find(member => !known.includes(member))
  if (unknown !== undefined)
    throw new UnknownOptionError(`/${unknown}`, `${verb} does not take it`, `one of ${known.join(', ')}`)
  if (query.scope === undefined)
    throw new MissingScopeError('/scope', 'there is no scope', "{ project_id }, { user_id } or 'all'")
  const { sort, ...others } = query
  const relevance = verb === 'search' && sort === RELEVANCE
  return {
    ...others,
    ...(relevance && { relevance }),
    ...(sort === undefined || relevance ? {} : { sort: normalSort(sort) }),
    ...(query.filters === undefined ? {} : { filters: normalFilters(query.filters, resource) }),
  }
}

/** In the place of a sort. */
const RELEVANCE = 'relevance'

/** Words of a text: what stands in double quotes is one, and what stands between spaces. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, quoted, word]) => (quoted ?? word!).trim())
    .filter(word => word !== '')

const searchOf = (
  { scope, text = '', relevance = false, facets = [], highlight = false }: NormalQuery,
  { indexed }: Resource,
): Search => {
  const words = wordsOf(text)
  if (words.length > MOST_WORDS)
    throw new InvalidOptionError('/text', 'it has too many words', `at most ${MOST_WORDS}`)
  const hidden = scope === 'all' ? -1 : facets.findIndex(name => indexed!.administrators.includes(name))
  if (hidden >= 0)
    throw new InvalidOptionError(`/facets/${hidden}`, `${facets[hidden]} is for administrators`, 'another one')
  return { words, text: text.trim(), byRelevance: relevance && words.length > 0, facets, highlight }
}

const MOST_WORDS = 10

const checked = (verb: Verb, query: NormalQuery, resource: Resource, maxLimit: number): CheckedQuery => {
  const { scope, marker, cursor, limit = maxLimit } = query
  const sort = query.sort ?? (normalSort(resource.defaultSort) as CheckedQuery['sort'])
  const repeated = sort.findIndex(({ key }, i) => sort.findIndex(other => other.key === key) < i)
  if (repeated >= 0)
    throw new InvalidSortError(
      `/sort/${repeated}`,
      `${sort[repeated]!.key} is there twice`,
      'every sort key once',
    )
  if (marker !== undefined && resource.uuid === null)
    throw new InvalidMarkerError('/marker', `${resource.name} have no uuid`, 'a cursor')
  if (marker !== undefined && cursor !== undefined)
    throw new InvalidOptionError('/cursor', 'there is a marker as well', 'a marker or a cursor')
  const asked = query.filters ?? {}
  const filters = filterConditions(asked, resource)
  checkSize(filters)
  const flags = flagConditions(asked, resource)
  const search = verb === 'search' ? searchOf(query, resource) : undefined
  const bound = search === undefined ? [] : [{ words: search.words, byRelevance: search.byRelevance }]
  return {
    scope,
    tenant: scopeConditions(scope, resource),
    filters,
    flags,
    sort,
    limit,
    fields: query.fields ?? Object.keys(resource.columns),
    groupBy: query.group_by ?? [],
    include: query.include ?? [],
    marker,
    cursor,
    binding: JSON.stringify([resource.name, scope, canonical([...filters, ...flags]), sort, ...bound]),
    ...(search && { search }),
  }
}

/** Filters mean the same in whatever sequence they are written. */
const canonical = (conditions: readonly Condition[]): string[] => conditions.map(c => JSON.stringify(c)).sort()
