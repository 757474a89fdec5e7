// Asks a real Nova (Debian: python3-nova python3-pymysql) and records its answers for test/nova:
//   npm run nova:record
// Questions that are new, or answers that are, may need a reason in test/nova/fixtures/*-differences.json: the test says.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { LocalCells } from '../src/testing/local-cells.js'
import { startMariaDB } from '../src/testing/mariadb.js'
import { ROWS } from '../test/nova/fixtures/build-requests.js'
import { digestOf, EVENTS, startCloud } from '../test/nova/fixtures/cloud.js'
import { RECORDINGS, type Recording } from '../test/nova/fixtures/compare.js'
import type { Header, NovaAnswer, Question } from '../test/nova/fixtures/question.js'
import { readRows } from '../test/nova/fixtures/rows.js'
import { migrate, novaMissing } from '../test/testing/fixtures/nova-schema.js'
import {
  buildRequestQuestions,
  strangeQuestions,
  writtenQuestions,
} from './nova-oracle/build-request-questions.js'
import { movedQuestions } from './nova-oracle/moved-questions.js'
import { runNova } from './nova-oracle/nova.js'
import { copyRowsToNova, makeNovaTables } from './nova-oracle/nova-cloud.js'
import { instanceQuestions, migrationQuestions } from './nova-oracle/questions.js'

const QUESTIONS: Readonly<Record<Recording, readonly Question[]>> = {
  instances: instanceQuestions,
  migrations: migrationQuestions,
  'build-requests': buildRequestQuestions,
  written: writtenQuestions,
  moved: movedQuestions,
  strange: strangeQuestions,
}

/** Nova makes build requests in databases of their own; from here on they are rows that do not change. */
const makeBuildRequests = async (): Promise<void> => {
  await using server = await startMariaDB()
  await migrate(server, 'nova_cell0', 'nova_api')
  const rows = await runNova('build_requests.py', server, { cell: 'nova_cell0', api: 'nova_api' })
  await writeFile(ROWS, rows)
}

type Raw =
  | { readonly rows: readonly (readonly [string, number | null])[]; readonly down: readonly string[] }
  | { readonly error: string }

const record = async (local: LocalCells, name: Recording): Promise<void> => {
  await EVENTS[name]?.(local)
  // What Nova's API made of build requests has recordings of its own.
  await copyRowsToNova(local, !(name === 'instances' || name === 'migrations'))
  const questions = QUESTIONS[name]
  const rows = await readRows(local)
  const twice = questions.find(({ name }, at) => questions.findIndex(other => other.name === name) !== at)
  if (twice) throw new Error(`two questions are called ${twice.name}`)
  const printed = await runNova(
    'ask.py',
    local.server('cell1'),
    { cell: 'oracle_cell0', api: 'oracle_api' },
    JSON.stringify(questions.map(({ nova }) => rows.resolve(nova))),
  )
  const { version, answers }: { version: string; answers: readonly Raw[] } = JSON.parse(printed)
  const names = rows.names[name === 'migrations' ? name : 'instances']
  const short = (raw: Raw): NovaAnswer => {
    if ('error' in raw) return raw
    const found = raw.rows.map(([uuid, id]) => names.get(`${uuid}/${id ?? ''}`)!).join(' ')
    return raw.down.length === 0 ? { rows: found } : { rows: found, down: raw.down.join(' ') }
  }
  const lines = questions.map((question, at) => JSON.stringify({ ...question, answer: short(answers[at]!) }))
  const header: Header = { nova: version, data: await digestOf(local) }
  await writeFile(
    fileURLToPath(new URL(`../test/nova/fixtures/${name}.jsonl`, import.meta.url)),
    `${[JSON.stringify(header), ...lines].join('\n')}\n`,
  )
  console.log(`${name}: ${questions.length} questions, ${answers.filter(it => 'error' in it).length} errors`)
}

const missing = await novaMissing()
if (missing) throw new Error(missing)
await makeBuildRequests()
await using local = await startCloud({ kind: 'mariadb' })
await makeNovaTables(local)
for (const name of RECORDINGS) await record(local, name)
