import { Ajv, type ValidateFunction } from 'ajv'
import { InvalidOptionError } from '../errors.js'
import { faultOf } from './fault.js'
import { given, isPlain } from './normal-form.js'
import type { AnnotatedSchema } from './schemas.js'

const option = (schema: object, expects: string): AnnotatedSchema => ({ ...schema, fault: 'option', expects })

const members = (properties: object, required: readonly string[], expects: string): AnnotatedSchema => ({
  ...option({ type: 'object', additionalProperties: false, required, properties }, expects),
  unknown: 'unknown-option',
})

const count = (least: number, most: number): AnnotatedSchema =>
  option({ type: 'integer', minimum: least, maximum: most }, `a whole number from ${least} to ${most}`)

const text = (minLength: number, expects: string): AnnotatedSchema =>
  option({ type: 'string', minLength }, expects)

const cell = members(
  { uuid: text(1, 'a uuid'), name: text(1, 'a name'), database: text(1, 'a database URL') },
  ['uuid', 'name', 'database'],
  '{ uuid, name, database }',
)

const milliseconds = count(1, 2 ** 31 - 1)

const breaker = members(
  { failures: count(1, 1_000_000), slow: milliseconds, pause: milliseconds, longest: milliseconds },
  [],
  'false, or { failures, slow, pause, longest }',
)

const pem = option({}, 'PEM')
const flag = option({ type: 'boolean' }, 'true or false')

const tls = members(
  {
    ca: pem,
    cert: pem,
    key: pem,
    passphrase: text(0, 'a text'),
    rejectUnauthorized: flag,
    verifyIdentity: flag,
  },
  [],
  'TLS options',
)

const schema = members(
  {
    apiDatabase: text(1, 'a database URL'),
    cells: option(
      { type: 'array', minItems: 1, items: cell },
      'a list of { uuid, name, database }, at least one',
    ),
    buildRequests: option({ enum: ['in-order', 'first', 'none'] }, "'in-order', 'first' or 'none'"),
    projectCells: flag,
    disabledCells: flag,
    directoryTtl: count(0, 2 ** 31 - 1),
    connectionsPerCell: count(1, 1_000),
    concurrency: count(1, 100_000),
    rowsInFlight: count(1, Number.MAX_SAFE_INTEGER),
    bytesInFlight: count(1, Number.MAX_SAFE_INTEGER),
    statementTimeout: count(1_000, 2 ** 31 - 1),
    breaker,
    maxLimit: count(1, 1_000_000),
    cursorSecrets: option(
      { type: 'array', minItems: 1, items: text(16, 'a secret of at least 16 characters') },
      'a list of secrets, at least one',
    ),
    tls,
    index: option({ type: 'object', required: ['name', 'find'] }, 'an index, as embeddedIndex makes one'),
  },
  [],
  'an object',
)

let compiled: ValidateFunction | undefined

const validator = (): ValidateFunction => {
  if (compiled === undefined) {
    const ajv = new Ajv({ verbose: true })
    ajv.addVocabulary(['fault', 'expects', 'unknown'])
    compiled = ajv.compile(schema)
  }
  return compiled
}

/** Checks what `openCells` is given. */
export const checkConfig = (config: unknown): void => {
  const data = isPlain(config) ? given(config) : config
  const validate = validator()
  const isOff = isPlain(data) && data.breaker === false
  if (!validate(isOff ? { ...data, breaker: {} } : data)) throw faultOf(validate.errors![0]!)
  const { apiDatabase, cells } = data as { apiDatabase?: string; cells?: readonly { uuid: string }[] }
  if ((apiDatabase === undefined) === (cells === undefined))
    throw new InvalidOptionError('', 'cells and apiDatabase are both there, or both missing', 'one of them')
  const again = (cells ?? []).findIndex(({ uuid }, i, all) => all.findIndex(other => other.uuid === uuid) < i)
  if (again >= 0)
    throw new InvalidOptionError(`/cells/${again}/uuid`, 'another cell has it', 'a uuid for every cell')
}
