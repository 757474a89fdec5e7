import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../src/cli/arguments.js'
import type { Environment } from '../../src/cli/context.js'
import { command } from './fixtures/command.js'

const ENV = { CROSSCELL_API_DB: 'mysql://db/api' }
const folder = mkdtempSync(join(tmpdir(), 'crosscell-arguments-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const read = (argv: string[], env: Environment = {}) => parseArguments(['index', ...argv], { ...ENV, ...env })

const refused = (argv: string[], env: Environment = {}): string => {
  const parsed = read(argv, env)
  if (!('exit' in parsed)) throw new Error('accepted')
  t.match(parsed, { exit: 2, stdout: '' })
  return parsed.stderr
}

const file = (...lines: string[]): string => {
  const path = join(folder, 'index=.conf')
  writeFileSync(path, lines.join('\n'))
  return path
}

t.test('every option arrives', async t => {
  const argv = [
    'run',
    '--index',
    '/i.db',
    '--rabbitmq',
    'cell1=amqp://u:p=x@h',
    '--rabbitmq',
    'rabbit://u@h,u@i/',
  ]
  const more = ['--exchange', 'e', '--topics', 'a,b', '--topics', 'c', '--queue', 'q', '--drain', '--json']
  const numbers = {
    pollInterval: '1',
    overlap: '2',
    sidePollInterval: '3',
    sweepInterval: '4',
    share: '5',
    repairRate: '6',
    removalShare: '7',
    statementTimeout: '8',
  }
  const flags = ['--poll-interval=1', '--overlap=2', '--side-poll-interval=3', '--sweep-interval=4']
  const others = ['--share=5', '--repair-rate=6', '--removal-share=7', '--statement-timeout=8']
  t.same(read([...argv, ...more, ...flags, ...others]), {
    indexing: {
      verb: 'run',
      args: {
        apiDb: 'mysql://db/api',
        index: '/i.db',
        rabbitmq: [
          { cell: 'cell1', url: 'amqp://u:p=x@h' },
          { cell: undefined, url: 'rabbit://u@h,u@i/' },
        ],
        exchange: 'e',
        topics: ['a', 'b', 'c'],
        queue: 'q',
        drain: true,
        json: true,
        ...numbers,
      },
    },
  })
  t.match(
    read(['verify', '--check', '--opensearch', 'https://a', '--opensearch', 'http://b', '--prefix', 'x']),
    {
      indexing: { verb: 'verify', args: { check: true, opensearch: ['https://a', 'http://b'], prefix: 'x' } },
    },
  )
})

t.test('the environment speaks where nothing else does', async t => {
  const env = {
    CROSSCELL_INDEX: '/var/lib/my index.db',
    CROSSCELL_RABBITMQ: 'a=amqp://h1  b=amqp://h2',
  }
  const args = {
    apiDb: 'mysql://db/api',
    index: '/var/lib/my index.db',
    rabbitmq: [
      { cell: 'a', url: 'amqp://h1' },
      { cell: 'b', url: 'amqp://h2' },
    ],
  }
  t.same(read(['run'], env), { indexing: { verb: 'run', args } })
  t.match(read(['run', '--rabbitmq', 'amqp://h3'], env), {
    indexing: { args: { rabbitmq: [{ url: 'amqp://h3' }] } },
  })
  t.same(read(['status', '--opensearch', 'http://h'], env), {
    indexing: { verb: 'status', args: { apiDb: 'mysql://db/api', opensearch: ['http://h'] } },
  })
  t.match(read(['status'], { CROSSCELL_OPENSEARCH: 'http://a http://b' }), {
    indexing: { args: { opensearch: ['http://a', 'http://b'] } },
  })
})

t.test('a file speaks for all commands, and less loudly than the command line', async t => {
  const path = file(
    '# a comment',
    '',
    'api-db = mysql://other/api',
    '  index=/f.db  ',
    'rabbitmq = cell1=amqp://h/v',
    'poll-interval = 500',
    'drain',
  )
  const expected = {
    verb: 'run',
    args: {
      apiDb: 'mysql://other/api',
      index: '/f.db',
      rabbitmq: [{ cell: 'cell1', url: 'amqp://h/v' }],
      pollInterval: '700',
      drain: true,
      config: path,
    },
  }
  for (const config of [['--config', path], [`--config=${path}`]])
    t.same(read(['run', '--poll-interval', '700', ...config], { CROSSCELL_INDEX: '/e.db' }), {
      indexing: expected,
    })
  t.same(read(['verify', '--config', path]), {
    indexing: { verb: 'verify', args: { apiDb: 'mysql://other/api', index: '/f.db', config: path } },
  })
  t.match(refused(['run', '--config', join(folder, 'none')]), /config file can't be read \(ENOENT\)/)
  t.match(refused(['run', '--config', file('index = /i', 'indx = /i')]), /no option of .* in line 2/)
  t.match(refused(['run', '--config', file('config = /i')]), /no option of .* in line 1/)
  t.match(refused(['run', '--config']), /argument missing/)
  t.match(refused(['run', '--config', file('share')]), /without its value in line 1/)
})

t.test('what is missing, unknown, or does not go together', async t => {
  t.match(refused(['run']), /no index: give --index/)
  t.match(refused(['run', '--index', '/i', '--opensearch', 'http://h']), /cannot be used with/)
  t.match(refused(['verify', '--index', '/i', '--check', '--remove']), /cannot be used with/)
  t.match(refused(['status', '--index', '/i'], { CROSSCELL_API_DB: '' }), /no database/)
  t.match(refused(['rn']), /unknown command 'rn'/)
  t.match(refused([]), /Usage: crosscell index/)
  t.match(refused(['status', '--index', '/i', '--drain']), /unknown option '--drain'/)
  t.match(refused(['run', '--index', '/i', '--rabbitmq', '']), /URL or CELL=URL/)
  t.match(refused(['run', '--opensearch', 'h:9200']), /http:/)
  t.match(refused(['run', '--opensearch', 'http://:x']), /http:/)
})

t.test('no mistake shows a password', async t => {
  for (const argv of [
    ['run', '--opensearch', 'htp://u:s3cret@h'],
    ['run', '--opensearch', 'https://u:s3cret@h:nine'],
    ['run', '--rabbit', 'amqp://u:s3cret@h'],
    ['run', '--index', '/i', 'amqp://u:s3cret@h'],
    ['run', '--config', file('amqp://u:s3cret@h')],
    ['run', '--config', file('opensearch = s3cret@h')],
    ['run', '--config', file('exchange = amqp://u:s3cret@h', 'json = amqp://u:s3cret@h')],
  ])
    t.notMatch(refused(argv), 's3cret', argv.join(' '))
  t.notMatch(refused(['run'], { CROSSCELL_OPENSEARCH: 'u:s3cret@h' }), 's3cret')
})

t.test('help says what there is', async t => {
  const all = await command(['index', '--help'])
  t.match(all, { code: 0, stderr: '' })
  for (const verb of ['run', 'rebuild', 'verify', 'status', 'rollback']) {
    t.match(all.stdout, new RegExp(`^  ${verb} `, 'm'))
    const { code, stdout } = await command(['index', verb, '--help'])
    t.equal(code, 0)
    for (const part of [`Usage: crosscell index ${verb}`, 'CROSSCELL_INDEX', 'Exit codes:', 'Examples:'])
      t.match(stdout, part)
    t.ok(stdout.split('\n').every(line => line.length <= 120))
  }
})
