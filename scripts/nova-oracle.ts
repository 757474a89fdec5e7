// Asks a real Nova (Debian: python3-nova python3-pymysql) and records its answers for test/nova:
//   npm run nova:record
// Questions that are new, or answers that are, may need a reason in test/nova/fixtures/*-differences.json: the test says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { LocalCells } from '../src/testing/local-cells.js'
import { digestOf, startCloud } from '../test/nova/fixtures/cloud.js'
import type { Header, NovaAnswer, Question } from '../test/nova/fixtures/question.js'
import { type Rows, readRows } from '../test/nova/fixtures/rows.js'
import { migrate, novaMissing } from '../test/testing/fixtures/nova-schema.js'
import { instanceQuestions, migrationQuestions } from './nova-oracle/questions.js'

const PYTHON = '/usr/bin/python3'
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The cloud's rows in the tables that Nova's own migrations make, all of them: `oracle_cell0`, …, `oracle_api`. */
const copyToNova = async (local: LocalCells): Promise<void> => {
  const server = local.server('cell1')
  await migrate(server, 'oracle', 'oracle_api')
  const tablesOf = async (database: string) =>
    (
      await server.query('SELECT table_name FROM information_schema.tables WHERE table_schema = ?', [database])
    ).map(([table]) => String(table))
  const known = await tablesOf('nova_cell1')
  for (const { name } of local.cells) {
    await server.query(`CREATE DATABASE oracle_${name}`)
    for (const table of await tablesOf('oracle'))
      await server.query(`CREATE TABLE oracle_${name}.${table} LIKE oracle.${table}`)
    for (const table of known)
      await server.query(`INSERT INTO oracle_${name}.${table} SELECT * FROM nova_${name}.${table}`)
  }
  for (const table of ['cell_mappings', 'instance_mappings'])
    await server.query(`INSERT INTO oracle_api.${table} SELECT * FROM nova_api.${table}`)
  await server.query(
    "UPDATE oracle_api.cell_mappings SET database_connection = CONCAT(REPLACE(database_connection, '/nova_', '/oracle_'), '&charset=utf8')",
  )
  await server.query(
    "INSERT INTO oracle_api.flavors (id, flavorid, name, memory_mb, vcpus, swap, rxtx_factor, disabled, is_public) VALUES (3, 'f3', 'm1.medium', 4096, 2, 0, 1, 0, 1)",
  )
}

type Raw = { readonly rows: readonly (readonly [string, number])[]; readonly down: readonly string[] }

const ask = async (
  local: LocalCells,
  questions: readonly object[],
): Promise<{ readonly version: string; readonly answers: readonly (Raw | { readonly error: string })[] }> => {
  const folder = await mkdtemp(join(tmpdir(), 'crosscell-oracle-'))
  try {
    const connection = (database: string) =>
      `connection = ${local.server('cell1').url(database).replaceAll('%', '%%')}&charset=utf8`
    const config = join(folder, 'nova.conf')
    await writeFile(
      config,
      `[DEFAULT]\nstate_path = ${folder}\ntransport_url = fake:///\n[database]\n${connection('oracle_cell0')}\n[api_database]\n${connection('oracle_api')}\n`,
    )
    const python = spawn(PYTHON, [here('nova-oracle/ask.py'), config], { stdio: ['pipe', 'pipe', 'inherit'] })
    python.stdin.end(JSON.stringify(questions))
    const [answers, [code]] = await Promise.all([text(python.stdout), once(python, 'exit')])
    if (code !== 0) throw new Error(`Nova ended with ${code}`)
    return JSON.parse(answers)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const record = async (
  local: LocalCells,
  rows: Rows,
  table: 'instances' | 'migrations',
  questions: readonly Question[],
): Promise<void> => {
  const twice = questions.find(({ name }, at) => questions.findIndex(other => other.name === name) !== at)
  if (twice) throw new Error(`two questions are called ${twice.name}`)
  const { version, answers } = await ask(
    local,
    questions.map(({ nova }) => rows.resolve(nova)),
  )
  const short = (raw: (typeof answers)[number]): NovaAnswer => {
    if ('error' in raw) return raw
    const found = raw.rows.map(([uuid, id]) => rows.names[table].get(`${uuid}/${id}`)!).join(' ')
    return raw.down.length === 0 ? { rows: found } : { rows: found, down: raw.down.join(' ') }
  }
  const lines = questions.map((question, at) => JSON.stringify({ ...question, answer: short(answers[at]!) }))
  const header: Header = { nova: version, data: await digestOf(local) }
  await writeFile(
    here(`../test/nova/fixtures/${table}.jsonl`),
    `${[JSON.stringify(header), ...lines].join('\n')}\n`,
  )
  console.log(`${table}: ${questions.length} questions, ${answers.filter(it => 'error' in it).length} errors`)
}

const missing = await novaMissing()
if (missing) throw new Error(missing)
await using local = await startCloud({ kind: 'mariadb' })
await copyToNova(local)
const rows = await readRows(local)
await record(local, rows, 'instances', instanceQuestions)
await record(local, rows, 'migrations', migrationQuestions)
