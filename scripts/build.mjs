// @ts-check
/** Builds `dist` from nothing, so that no file of an earlier build stays behind. */
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (/** @type {string} */ path) => join(root, path)

rmSync(at('dist'), { recursive: true, force: true })
const { code } = await run(process.execPath, [
  at('node_modules/typescript/bin/tsc'),
  '-p',
  at('tsconfig.build.json'),
])
if (code === 0) {
  const { bin } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  for (const file of Object.values(bin)) chmodSync(at(file), 0o755)
} else {
  // What does not compile is not there: nothing can take it for a finished build.
  rmSync(at('dist'), { recursive: true, force: true })
}
process.exitCode = code
