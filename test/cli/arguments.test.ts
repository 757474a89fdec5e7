import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseArguments } from '../../src/cli/arguments.js'
import type { Environment } from '../../src/cli/context.js'
import { command } from './fixtures/command.js'

const ENV = { CROSSCELL_API_DB: 'mysql://db/nova_api' }

const refused = (argv: string[], env: Environment = ENV): string => {
  const parsed = parseArguments(argv, env)
  if (!('exit' in parsed)) throw new Error('accepted')
  t.equal(parsed.exit, 2, argv.join(' '))
  t.equal(parsed.stdout, '')
  return parsed.stderr
}

t.test('every option arrives, lists in pieces or at once', async t => {
  const argv = [
    'list',
    '--api-db',
    'mysql://db/api',
    '--project',
    'p',
    '--format',
    'csv',
    '--down-cells',
    'omit',
  ]
  t.same(
    parseArguments(
      [...argv, '--sort', 'host,uuid:desc', '--sort', 'vcpus', '--fields', 'uuid', '--fields', 'host,cell'],
      ENV,
    ),
    {
      list: {
        apiDb: 'mysql://db/api',
        project: 'p',
        format: 'csv',
        downCells: 'omit',
        sort: ['host', 'uuid:desc', 'vcpus'],
        fields: ['uuid', 'host', 'cell'],
      },
    },
  )
  t.same(
    parseArguments(['list', '--user', 'u', '--filter', 'host=a', '--filter', 'vcpus:gte=2', '--all'], ENV),
    {
      list: {
        apiDb: 'mysql://db/nova_api',
        user: 'u',
        format: 'table',
        filter: { host: { in: ['a'] }, vcpus: { gte: 2 } },
        all: true,
      },
    },
  )
  t.same(parseArguments(['list', '--limit', '7', '--marker', 'm', '--cursor=-c', '--deadline', '50'], ENV), {
    list: {
      apiDb: 'mysql://db/nova_api',
      format: 'table',
      limit: '7',
      marker: 'm',
      cursor: '-c',
      deadline: '50',
    },
  })
})

t.test('the API database comes from the option, the environment, or not at all with cells', async t => {
  t.match(parseArguments(['list', '--api-db', 'mysql://other/api'], ENV), {
    list: { apiDb: 'mysql://other/api' },
  })
  t.same(parseArguments(['list', '--cell', 'a=mysql://h/x=y', '--cell', 'b=mysql://i/x'], ENV), {
    list: {
      format: 'table',
      cell: [
        { name: 'a', database: 'mysql://h/x=y' },
        { name: 'b', database: 'mysql://i/x' },
      ],
    },
  })
  for (const env of [{}, { CROSSCELL_API_DB: '' }])
    t.match(refused(['list'], env), /no database: give --api-db/)
  t.match(refused(['list', '--api-db', ''], {}), /no database/)
})

t.test('--help and --version go to stdout and are no failure', async t => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  t.same(await command(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  const help = await command(['list', '--help'])
  t.match(help, { code: 0, stderr: '' })
  for (const part of ['Usage: crosscell list', 'CROSSCELL_API_DB', 'Examples:', 'Exit codes:', 'Filters'])
    t.match(help.stdout, part)
  t.ok(help.stdout.split('\n').every(line => line.length <= 110))
})

t.test('no command at all shows on stderr what there is', async t => {
  t.match(await command([]), { code: 2, stdout: '', stderr: /Usage: crosscell/ })
})

t.test('what commander does not know, and what does not go together, is wrong usage', async t => {
  t.match(refused(['list', '--formt', 'csv']), /error: unknown option '--formt'\n\(Did you mean --format/)
  t.match(refused(['lst']), /unknown command 'lst'/)
  t.match(refused(['list', 'more']), /too many arguments/)
  t.match(refused(['list', '--limit']), /argument missing/)
  t.match(refused(['list', '--format', 'xml']), /Allowed choices are table, json, ndjson, csv/)
  t.match(refused(['list', '--down-cells', 'maybe']), /Allowed choices are omit, stub, fail/)
  t.match(refused(['list', '--project', 'p', '--user', 'u']), /cannot be used with/)
  t.match(refused(['list', '--all', '--limit', '5']), /cannot be used with/)
  t.match(refused(['list', '--api-db', 'x', '--cell', 'a=x']), /cannot be used with/)
  t.match(refused(['list', '--filter', 'x']), /KEY=VALUE/)
  t.match(refused(['list', '--cell', 'cell1']), /NAME=URL/)
})

t.test('no mistake shows a password', async t => {
  for (const argv of [
    ['list', '--api-bd=mysql://root:s3cret@h/x'],
    ['list', '--cell', 'mysql://root:s3cret@h/x'],
    ['list', '--cell', 'mysql://root:s3cret=x@h/x'],
    ['list', '--cell=mysql:root:s3cret@h'],
    ['mysql://root:s3cret@h/x'],
    ['list', '--format', 'mysql://root:s3cret@h/x'],
    ['list', '--format=mysql://root:s3cret@h/x'],
    ['list', '-xmysql://root:s3cret@h/x'],
    ['list', '--limit', '1', 'mysql://root:s3cret@h/x'],
  ])
    t.notMatch(refused(argv), 's3cret', argv.join(' '))
})

t.test('an error that is not about arguments is not taken for one', async t => {
  const env = {
    get CROSSCELL_API_DB(): string {
      throw new Error('no environment')
    },
  }
  t.throws(() => parseArguments(['list'], env), { message: 'no environment' })
})
