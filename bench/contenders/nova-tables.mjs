import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

// Debian's python, not one that a version manager put first in PATH.
export const PYTHON = '/usr/bin/python3'
const MANAGE = 'import sys; from nova.cmd.manage import main; sys.exit(main())'

/** Why Nova can't be asked here, or undefined when it can. */
export const novaMissing = async ({ kind }) => {
  if (kind !== 'mariadb') return 'Nova is asked on MariaDB only'
  return run(PYTHON, ['-c', 'import nova, pymysql']).then(
    () => undefined,
    () => `Nova is not here: apt-get install python3-nova python3-pymysql`,
  )
}

/** A folder with a nova.conf for two databases of the cloud's server. */
export const novaConfig = async (cloud, cell, api) => {
  const folder = await mkdtemp(join(tmpdir(), 'crosscell-bench-nova-'))
  const connection = database => `connection = ${cloud.server.url(database).replaceAll('%', '%%')}&charset=utf8`
  const file = join(folder, 'nova.conf')
  await writeFile(
    file,
    `[DEFAULT]\nstate_path = ${folder}\ntransport_url = fake:///\n[database]\n${connection(cell)}\n[api_database]\n${connection(api)}\n`,
  )
  return { file, remove: () => rm(folder, { recursive: true }) }
}

const tablesOf = async (cloud, database) =>
  (
    await cloud.query('SELECT table_name FROM information_schema.tables WHERE table_schema = ?', [database])
  ).map(([table]) => table)

/**
 * Nova's ORM joins tables that crosscell never reads. Nova's own migrations make them once, in databases of their own, and what a
 * cell lacks is copied from there, empty.
 */
export const makeNovaTables = async cloud => {
  if ((await tablesOf(cloud, 'nova_made')).length > 0) return
  for (const name of ['nova_made', 'nova_made_api']) await cloud.query(`CREATE DATABASE IF NOT EXISTS ${name}`)
  const config = await novaConfig(cloud, 'nova_made', 'nova_made_api')
  try {
    // Not at the same time: the cell's migration reads the cell mappings.
    await run(PYTHON, ['-c', MANAGE, '--config-file', config.file, 'api_db', 'sync'])
    await run(PYTHON, ['-c', MANAGE, '--config-file', config.file, 'db', 'sync', '--local_cell'])
  } finally {
    await config.remove()
  }
  const complete = async (database, made) => {
    for (const table of await tablesOf(cloud, made))
      await cloud.query(`CREATE TABLE IF NOT EXISTS ${database}.${table} LIKE ${made}.${table}`)
  }
  await complete('nova_api', 'nova_made_api')
  for (const { schema } of cloud.cells) await complete(schema, 'nova_made')
}
