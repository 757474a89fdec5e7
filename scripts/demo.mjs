/**
 * `npm run demo`: three cells and cell0 on private MariaDB servers, listed in one order. Imports the built package.
 *
 * Nothing outlives it: the servers and their folders end with this process, however that ends.
 */
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { tablePrinter } from '../dist/cli/table.js'
import { openCells } from '../dist/index.js'
import { startLocalCells } from '../dist/testing/index.js'

const INSTANCES = 50_000

const { stdout } = process
const colours = stdout.isTTY === true && !process.env.NO_COLOR
const width = stdout.isTTY ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY
const bold = text => (colours ? `\x1b[1m${text}\x1b[22m` : text)
const dim = text => (colours ? `\x1b[2m${text}\x1b[22m` : text)
const number = value => value.toLocaleString('en', { maximumFractionDigits: 2 })
const ms = value => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`

let local
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    interrupted = true
    // What does not stop in time, or is only starting yet, ends when this process has.
    await Promise.race([local?.stop(), sleep(2_000)])
    process.exit(128 + constants.signals[signal])
  })
}

let chapter = 0
const title = (text, ...lines) => {
  console.log(`\n${bold(`${++chapter}. ${text}`)}`)
  for (const line of lines) console.log(line)
}

const show = (columns, rows) => {
  const texts = rows.map(row => row.map(value => (value === null ? null : String(value))))
  const text = tablePrinter({ columns, width: width - 3, colours })(texts)
  console.log(text.trimEnd().replace(/^/gm, '   '))
}

const showCells = page =>
  show(
    ['cell', 'state', 'rows', 'fetched', 'time', 'why'],
    page.cells.map(it => [it.name, it.state, it.rows, it.fetched, ms(it.ms), it.error?.reason ?? '']),
  )

const FIELDS = ['display_name', 'created_at', 'vm_state', 'memory_mb', 'host', 'uuid']

const showItems = page =>
  show(
    [...FIELDS, 'cell'],
    page.items.map(item => [...FIELDS.map(name => item[name]), item.cell.name]),
  )

const oneLine = value => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 5 })

/** Asks for a page, and shows the call, but for its fields. */
const ask = async (cells, query, options) => {
  const said = [query, ...(options ? [options] : [])].map(oneLine).join(', ')
  console.log(dim(`   cells.instances.list(${said})`))
  const start = performance.now()
  const page = await cells.instances.list({ ...query, fields: FIELDS }, options)
  return { ...page, time: performance.now() - start }
}

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const main = async () => {
  console.log(`${bold('crosscell')}: one list of instances over many cell databases`)
  console.log(dim(`starting five private MariaDB servers and making ${number(INSTANCES)} instances …`))
  let start = performance.now()
  const data = { instances: INSTANCES, relations: false }
  local = await startLocalCells({ cells: 3, servers: 'own', bufferPoolMB: 64, ...data })
  const cells = await openCells({ apiDatabase: local.apiDatabase })

  title(`Three cells and cell0, each on a server of its own (${ms(performance.now() - start)} to make them)`)
  const facts = await Promise.all(
    local.cells.map(async ({ name }) => {
      const [[version, all, shown]] = await local.query(
        name,
        `SELECT VERSION(), COUNT(*), SUM(deleted = 0 AND COALESCE(vm_state, '') <> 'soft-delete' AND
          COALESCE(hidden, 0) = 0) FROM instances`,
      )
      return { name, version, all: Number(all), shown: Number(shown) }
    }),
  )
  show(
    ['cell', 'instances', 'not deleted or hidden', 'server'],
    facts.map(it => [it.name, number(it.all), number(it.shown), it.version]),
  )
  const shown = facts.reduce((sum, it) => sum + it.shown, 0)

  title(
    'The first page of all of them, by name, the newest first among equal names',
    '   Names compare as the servers compare them: WEB, Web and web are equal, so the time decides.',
  )
  const query = {
    scope: 'all',
    filters: { display_name: { gte: 'web' } },
    sort: ['display_name:asc', 'created_at:desc'],
    limit: 10,
  }
  const first = await ask(cells, query)
  showItems(first)
  console.log(`   ${first.items.length} rows in ${ms(first.time)}; what each cell did for them:`)
  showCells(first)

  title('The next page, from the marker: the uuid of the last row above')
  const second = await ask(cells, { ...query, marker: first.items.at(-1).uuid })
  showItems(second)
  console.log(`   ${second.items.length} rows in ${ms(second.time)}`)

  title(
    'One project, filtered: the scope is part of every statement',
    "   'é' finds 'e' too: by the servers' collation they are the same letter.",
  )
  const filtered = await ask(cells, {
    scope: { project_id: 'project-1' },
    filters: {
      vm_state: ['active', 'error'],
      display_name: { contains: 'é' },
      memory_mb: { gte: 4096 },
      host: { is_null: false },
    },
    sort: ['memory_mb:desc', 'display_name'],
    limit: 10,
  })
  showItems(filtered)
  console.log(`   ${filtered.items.length} rows in ${ms(filtered.time)}`)

  title('cell2 crashes: the others answer, and the answer says what is missing')
  await local.stopCell('cell2')
  const partial = await ask(cells, query)
  showItems(partial)
  console.log(`   complete: ${partial.complete}; what each cell did:`)
  showCells(partial)

  title('The same for who takes no partial answers: an error with a code')
  try {
    await ask(cells, query, { downCells: 'fail' })
  } catch (error) {
    console.log(`   ${error.name}, code '${error.code}': ${error.message}`)
    console.log(`   error.cells: ${oneLine(error.cells)}`)
  }
  await local.startCell('cell2')

  title('Every row, streamed in order, with cell2 back')
  const everything = { scope: 'all', sort: ['display_name'], fields: FIELDS }
  console.log(dim(`   for await (const row of cells.instances.iterate(${oneLine(everything)}))`))
  start = performance.now()
  const uuids = new Set()
  let rows = 0
  for await (const { uuid } of cells.instances.iterate(everything)) {
    rows++
    uuids.add(uuid)
  }
  const seconds = (performance.now() - start) / 1_000
  console.log(
    `   ${number(rows)} rows in ${seconds.toFixed(1)} s: ${number(Math.round(rows / seconds))} rows/s`,
  )
  console.log(`   each uuid once: ${uuids.size === rows ? 'yes' : 'NO'}`)
  console.log(`   as many as SQL counts, cell by cell (${number(shown)}): ${rows === shown ? 'yes' : 'NO'}`)
  if (uuids.size !== rows || rows !== shown) process.exitCode = 1

  title('Measured here: pages of 1,000, the median of 9 each')
  const measured = []
  for (const sort of [['created_at:desc', 'id:desc'], ['display_name'], ['vm_state', 'memory_mb:desc']]) {
    const pages = []
    for (let i = 0; i < 9; i++) {
      start = performance.now()
      const page = await cells.instances.list({ scope: 'all', sort, limit: 1_000 })
      pages.push({ time: performance.now() - start, cells: page.cells })
    }
    const fetched = pages[0].cells.reduce((sum, it) => sum + it.fetched, 0)
    measured.push([sort.join(', '), ms(median(pages.map(page => page.time))), number(fetched / 1_000)])
  }
  show(['sort', 'time', 'rows fetched per row returned'], measured)

  await cells.close()
  await local.stop()
  console.log(`\nEverything is stopped and removed. Next: ${bold('node dist/cli/main.js list --help')}`)
}

try {
  await main()
} catch (error) {
  // Once interrupted, the servers are going away under its hands.
  if (!interrupted) throw error
}
