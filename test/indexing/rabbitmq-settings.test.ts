import t from 'tap'
import { reasonOf } from '../../src/indexing/rabbitmq/failure.js'
import { rabbitFeed } from '../../src/indexing/rabbitmq/index.js'
import { PACE, pause } from '../../src/indexing/rabbitmq/pace.js'
import { routingKeys, settingsOf } from '../../src/indexing/rabbitmq/settings.js'

const at = (host: string, port = 5672, user = 'guest', password = 'guest', vhost = '/', tls = false) => ({
  ...{ host, port, user, password, vhost, tls },
})

const addresses = (url: string | string[], more = {}) => settingsOf({ url, ...more }).addresses

t.test('URLs of RabbitMQ, and those of nova.conf', async t => {
  t.strictSame(addresses('amqp://bus'), [at('bus')])
  t.strictSame(addresses('amqp://bus:1/'), [at('bus', 1)])
  t.strictSame(addresses('amqp://u@bus'), [at('bus', 5672, 'u', '')])
  t.strictSame(addresses('amqp://u:p@x:y@bus/v'), [at('bus', 5672, 'u', 'p@x:y', 'v')], 'up to the last @')
  t.strictSame(addresses('amqp://%75:p%2F%40@[::1]:7/%2Fv'), [at('::1', 7, 'u', 'p/@', '/v')])
  t.strictSame(addresses('amqps://bus'), [at('bus', 5671, 'guest', 'guest', '/', true)])
  t.strictSame(addresses('amqp://bus', { tls: {} }), [at('bus', 5671, 'guest', 'guest', '/', true)])
  t.strictSame(addresses('amqp://bus:5672?ssl=1'), [at('bus', 5672, 'guest', 'guest', '/', true)])
  t.strictSame(addresses('amqp://bus/?ssl=0&heartbeat=3'), [at('bus')])
  t.strictSame(
    addresses('rabbit://nova:s3@a:5672,nova:s4@b:5673/cell1'),
    [at('a', 5672, 'nova', 's3', 'cell1'), at('b', 5673, 'nova', 's4', 'cell1')],
    'several nodes in one',
  )
  t.strictSame(addresses(['amqp://a', 'amqp://b']), [at('a'), at('b')])
})

t.test('what is no URL of a bus is refused, and not shown', async t => {
  for (const secret of [
    ...[
      '',
      'http://s3cret@bus',
      'amqp:/s3cret',
      'amqp://',
      'amqp://s3cret:s3cret@',
      'amqp://bus:0',
      'amqp://bus:65536',
    ],
    ...[
      'amqp://u:%s3cret@bus',
      'amqp://bus/%s3cret',
      'amqp://bus:s3cret',
      'amqp://a,,b',
      'amqp://u:s3cret@a,',
      'rabbit+x://a',
    ],
  ]) {
    t.throws(() => rabbitFeed({ url: secret }), { code: 'invalid-option', path: '/url' }, secret)
    t.throws(() => rabbitFeed({ url: ['amqp://bus', secret] }), { code: 'invalid-option', path: '/url/1' })
    try {
      rabbitFeed({ url: secret })
    } catch (error) {
      t.notMatch(String(error), /s3cret/)
    }
  }
})

t.test('options', async t => {
  t.match(settingsOf({ url: 'amqp://bus', cell: undefined } as never), {
    ...{ name: 'rabbitmq', cell: null, exchange: 'nova', queue: 'crosscell', deadLetters: 'crosscell.dead' },
    ...{ prefetch: 2000, maxLength: 50_000, drain: 'none' },
  })
  t.strictSame(routingKeys(settingsOf({ url: 'amqp://bus' })), [
    'versioned_notifications.info',
    'versioned_notifications.error',
  ])
  const { name, cell, deadLetters } = settingsOf({ url: 'amqp://bus', cell: 'cell1', queue: 'q' })
  t.strictSame([name, cell, deadLetters], ['cell1', 'cell1', 'q.dead'])
  t.strictSame(rabbitFeed({ url: 'amqp://bus', cell: 'cell1', name: 'one' }).status(), {
    ...{ name: 'one', cell: 'cell1', state: 'idle', oldest: null, waiting: null, error: null, notice: null },
    ...{ received: 0, applied: 0, requeued: 0, poison: 0, ignored: 0, gaps: 0 },
  })
  const wrong: Record<string, unknown[]> = {
    url: [undefined, 7, [], [7]],
    cell: ['', 7],
    name: [null],
    exchange: ['x'.repeat(256)],
    topics: [[], 'a', ['']],
    priorities: [[7]],
    queue: [''],
    maxLength: [0, 1.5, '7'],
    deadLetters: [''],
    maxDeadLetters: [-1],
    prefetch: [65_536, 0],
    heartbeat: [0, 3_601],
    tls: ['yes', null],
    drain: ['all'],
  }
  for (const [option, values] of Object.entries(wrong))
    for (const value of values)
      t.throws(() => rabbitFeed({ url: 'amqp://bus', [option]: value }), {
        code: 'invalid-option',
        path: `/${option}`,
      })
  t.throws(() => rabbitFeed(undefined as never), { code: 'invalid-option', path: '' })
  t.throws(() => rabbitFeed({ url: 'amqp://bus', ack: true } as never), {
    code: 'unknown-option',
    path: '/ack',
  })
})

t.test('a reason is a symbol, never a text', async t => {
  const reason = (message: string, code?: unknown) => reasonOf(Object.assign(new Error(message), { code }))
  t.equal(reason('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "user"'), 'ACCESS_REFUSED')
  t.equal(reason('Connection closed: 320 (CONNECTION-FORCED) with message "bye"', 320), 'CONNECTION_FORCED')
  t.equal(reason('connect ECONNREFUSED 10.0.0.1:5672', 'ECONNREFUSED'), 'ECONNREFUSED')
  t.equal(reason('Heartbeat timeout'), 'HEARTBEAT_TIMEOUT')
  t.equal(reason('10.0.0.1 said something'), 'PROTOCOL_ERROR')
  t.equal(reason('10.0.0.1 said something', 77), 'PROTOCOL_ERROR')
})

t.test('pauses grow up to a limit, and half of each is chance', async t => {
  const { retry, longestRetry } = PACE
  t.strictSame(
    [0, 1, 2, 30, 2_000].map(n => pause(retry, longestRetry, n, 1)),
    [200, 400, 800, 30_000, 30_000],
  )
  t.strictSame(
    [0, 30].map(n => pause(retry, longestRetry, n, 0)),
    [100, 15_000],
  )
})
