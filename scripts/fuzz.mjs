// @ts-check
/**
 * The tests of test/fuzz, with as many inputs as nobody wants to wait for in `npm test`, and with
 * another seed each time; any other test with random data can be named, too:
 *
 *   node scripts/fuzz.mjs                             everything
 *   node scripts/fuzz.mjs test/fuzz/inputs.test.ts    some tests
 */
import { join } from 'node:path'
import { exitWith, ready, root } from './ready.mjs'
import { run } from './run.mjs'

const SECONDS = 3 * 60 * 60

await exitWith(async () => {
  await ready()
  const some = process.argv.slice(2)
  const tests = some.length > 0 ? some : ['test/fuzz']
  const FC_SEED = process.env.FC_SEED ?? String(Date.now() % 2 ** 31)
  const env = { ...process.env, FUZZ: 'long', FC_SEED }
  const args = [join(root, 'scripts/test.mjs'), `--timeout=${SECONDS}`, ...tests]
  return (await run(process.execPath, args, { cwd: root, env })).code
})
