import t from 'tap'
import { command, screen } from './fixtures/command.js'
import { lines, startListing } from './fixtures/everything.js'

const { env, sql, list, uuids } = await startListing()

const ANY = ['deleted=any', 'soft_deleted=any', 'hidden=any'].flatMap(term => ['--filter', term])

t.test('--all streams every row in every format, text by text, and waits for the stream', async t => {
  const expected = await sql('uuid, cell', 'TRUE', 'display_name, id')
  t.equal(expected.length, 2_230)
  for (const [format, read] of [
    [
      'csv',
      (text: string) =>
        lines(text)
          .slice(1)
          .map(line => line.split(',')),
    ],
    [
      'table',
      (text: string) =>
        lines(text)
          .slice(1)
          .map(line => line.split(/ +/)),
    ],
    [
      'ndjson',
      (text: string) =>
        lines(text)
          .map(line => JSON.parse(line))
          .map(it => [it.uuid, it.cell.name]),
    ],
    [
      'json',
      (text: string) =>
        JSON.parse(text).map((it: { uuid: string; cell: { name: string } }) => [it.uuid, it.cell.name]),
    ],
  ] as const) {
    const stdout = screen()
    const pieces = ['list', '--all', '--sort', 'display_name', '--fields', 'uuid,cell', '--format', format]
    const { code, stderr } = await command([...pieces, ...ANY], { env, stdout })
    t.equal(code, 0)
    t.same(read(stdout.text()), expected, format)
    t.ok(stdout.writes.length >= 3, `${format}: never everything at once`)
    t.match(stderr, /^2,230 rows in \d+\.\d s, [\d,]+ rows\/s\ncell0 ok 30 rows \d+ ms\n/)
  }
})

t.test('--all ends well when the last block is exactly full, and when there is nothing', async t => {
  const full = await uuids('--all', ...ANY, '--sort', 'id', '--filter', 'id:lte=500', '--filter', 'id:gt=0')
  t.equal(full.length, 1_030)
  t.equal((await uuids('--all', ...ANY, '--filter', 'id:gt=30', '--filter', 'id:lte=530')).length, 1_000)
  t.match(await list('--all', '--filter', 'uuid=none'), {
    stdout: /^uuid +display_name .*\n$/,
    stderr: /^0 rows/,
  })
  t.match(await list('--all', '--filter', 'uuid=none', '--format', 'json'), { stdout: '[]\n' })
})

t.test(
  'on a terminal: lines that fit, colours unless NO_COLOR, and progress that leaves nothing behind',
  async t => {
    const run = async (columns: number, more: Record<string, string>) => {
      const stdout = screen(columns)
      const stderr = screen(columns)
      const argv = ['list', '--all', '--filter', 'id:lte=40']
      t.equal((await command(argv, { env: { ...env, ...more }, stdout, stderr })).code, 0)
      return { stdout: stdout.text(), stderr: stderr.text() }
    }
    const coloured = await run(100, {})
    t.match(coloured.stdout, '\x1b[1muuid\x1b[22m')
    t.match(coloured.stdout, '\x1b[2m-\x1b[22m')
    t.match(coloured.stderr, 'asking the cells')
    t.match(coloured.stderr, '\x1b[?25h', 'the terminal has its cursor back')

    const plain = await run(100, { NO_COLOR: '1' })
    t.notMatch(plain.stdout, '\x1b')
    t.match(plain.stdout, '…')
    t.ok(lines(plain.stdout).every(line => line.length <= 100))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour starts with one
    t.notMatch(plain.stderr, /\x1b\[[\d;]*m/)

    const narrow = Object.assign(screen(), { isTTY: true })
    t.equal(
      (await command(['list', '--limit', '3'], { env: { ...env, NO_COLOR: '1' }, stdout: narrow })).code,
      0,
    )
    t.ok(
      lines(narrow.text()).every(line => line.length <= 80),
      'a terminal of unknown width has 80 columns',
    )
  },
)
