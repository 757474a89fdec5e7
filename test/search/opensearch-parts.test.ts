import t from 'tap'
import { IndexError } from '../../src/errors.js'
import { failure, reasonOf, unless } from '../../src/search/opensearch/failure.js'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { decodeKey, encodeKey } from '../../src/search/opensearch/key-code.js'
import { idOf } from '../../src/search/opensearch/source.js'
import { pick, randomFrom, times } from '../../src/testing/conformance/random.js'
import { seed } from '../fixtures/seed.js'

const random = randomFrom(seed)

t.test('numbers are texts that sort as they do, and come back', async t => {
  const bits = new DataView(new ArrayBuffer(8))
  const any = (): number => {
    bits.setUint32(0, random(2 ** 32))
    bits.setUint32(4, random(2 ** 32))
    const number = bits.getFloat64(0)
    return Number.isFinite(number) ? number : 0
  }
  const edges = [0, -0, 1, -1, 0.1, -0.1, 2 ** 53 - 1, -(2 ** 53 - 1), Number.MIN_VALUE, -Number.MIN_VALUE]
  const numbers = [...edges, Number.MAX_VALUE, -Number.MAX_VALUE, ...times(2_000, any)]
  for (const number of numbers) {
    const other = pick(random, numbers)
    const [a, b] = [encodeKey(number), encodeKey(other)]
    if (a < b !== number < other || (a === b) !== (number === other)) t.fail(`${number} and ${other}`)
    if (decodeKey(a) !== number + 0) t.fail(`${number} comes back as ${decodeKey(a)}`)
    if (encodeKey(null) >= a) t.fail(`null is before ${number}`)
  }
  t.equal(encodeKey(-0), encodeKey(0))
})

t.test('NULL, the empty text and texts that look like numbers are told apart', async t => {
  for (const key of [null, '', 'n', 't', 'n0000000000000000', '\u{10ffff}', 'a\u0001'] as const)
    t.equal(decodeKey(encodeKey(key)), key)
})

t.test('ids tell cells and uuids apart, wherever the one ends', async t => {
  const parts = ['', ':', '1', '1:', 'a', ':a', '11']
  const ids = parts.flatMap(cell => parts.map(uuid => idOf({ cell, uuid })))
  t.equal(new Set(ids).size, parts.length ** 2)
})

t.test('reasons of what a server answers', async t => {
  const full = (number: number) => ({
    type: 'cluster_block_exception',
    reason: `index [x] blocked by: [TOO_MANY_REQUESTS/${number}/disk usage exceeded flood-stage watermark];`,
  })
  for (const [status, error, reason] of [
    [400, { type: 'parsing_exception' }, 'REFUSED'],
    [401, undefined, 'DENIED'],
    [403, { type: 'security_exception' }, 'DENIED'],
    [403, { ...full(8), reason: 'index [x] blocked by: [FORBIDDEN/8/index write (api)];' }, 'DENIED'],
    [403, { ...full(10) }, 'DISK_FULL'],
    [429, { ...full(12) }, 'DISK_FULL'],
    [404, { type: 'index_not_found_exception' }, 'NO_GENERATION'],
    [404, undefined, 'HTTP_404'],
    [413, undefined, 'REFUSED'],
    [429, { type: 'rejected_execution_exception' }, 'BUSY'],
    [
      500,
      { type: 'search_phase_execution_exception', root_cause: [{ type: 'task_cancelled_exception' }] },
      'DEADLINE',
    ],
    [500, { type: 'circuit_breaking_exception' }, 'BUSY'],
    [500, { type: 'too_many_nested_clauses' }, 'REFUSED'],
    [500, { type: 'null_pointer_exception' }, 'null_pointer_exception'],
    [500, { type: 'whatever: a value of a row' }, 'HTTP_500'],
    [503, { type: 'cluster_block_exception' }, 'UNREACHABLE'],
  ] as const)
    t.equal(reasonOf(status, error), reason, `${status} ${error?.type}`)
})

t.test('reasons of what the client throws', async t => {
  for (const [thrown, reason] of [
    [{ name: 'ConnectionError' }, 'UNREACHABLE'],
    [{ name: 'NoLivingConnectionsError' }, 'UNREACHABLE'],
    [{ name: 'TimeoutError' }, 'DEADLINE'],
    [{ name: 'DeserializationError' }, 'GARBAGE'],
    [new TypeError('of undefined'), 'GARBAGE'],
    [{ name: 'ResponseError', statusCode: 502, body: '<html>' }, 'UNREACHABLE'],
    [{ name: 'ResponseError', statusCode: 404, body: { error: 'alias [x] missing' } }, 'HTTP_404'],
    [new IndexError('PARTIAL'), 'PARTIAL'],
  ] as const)
    t.equal(failure(thrown).reason, reason)
  t.equal(await Promise.reject(new IndexError('A')).catch(unless('A', 7)), 7)
  await t.rejects(Promise.reject(new IndexError('B')).catch(unless('A')), { code: 'index-failed', reason: 'B' })
  await t.rejects(Promise.reject(new TypeError('no')).catch(unless('A')), TypeError)
})

t.test('a prefix is the beginning of a name', async t => {
  for (const prefix of ['', 'A', '-a', 'a*', 'a,b', 'a/b', '_all', 'a'.repeat(101)])
    t.throws(() => openSearchIndex({ node: 'http://localhost', prefix }), {
      code: 'invalid-option',
      path: '/prefix',
    })
})
