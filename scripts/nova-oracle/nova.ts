import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { LocalServer } from '../../src/testing/server.js'

const PYTHON = '/usr/bin/python3'

/** Runs a script of this folder with Nova's configuration for two databases of a server, and gives what it prints. */
export const runNova = async (
  script: string,
  server: LocalServer,
  { cell, api }: { readonly cell: string; readonly api: string },
  input = '',
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'crosscell-oracle-'))
  try {
    const connection = (database: string) =>
      `connection = ${server.url(database).replaceAll('%', '%%')}&charset=utf8`
    const config = join(folder, 'nova.conf')
    await writeFile(
      config,
      `[DEFAULT]\nstate_path = ${folder}\ntransport_url = fake:///\n[database]\n${connection(cell)}\n[api_database]\n${connection(api)}\n`,
    )
    const python = spawn(PYTHON, [fileURLToPath(new URL(script, import.meta.url)), config], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Nova writes Python's sets into JSON: in the same order each time.
      env: { ...process.env, PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1' },
    })
    python.stdin.end(input)
    const [printed, [code]] = await Promise.all([text(python.stdout), once(python, 'exit')])
    if (code !== 0) throw new Error(`Nova ended with ${code}`)
    return printed
  } finally {
    await rm(folder, { recursive: true })
  }
}
