// @ts-check
/**
 * Runs the tests on a clone in any state, with tap's coverage gate, and ends with the totals:
 *
 *   node scripts/test.mjs              everything
 *   node scripts/test.mjs test/engine  some tests; the gate needs them all and is off
 */
import { join } from 'node:path'
import { exitWith, ready, root } from './ready.mjs'
import { run } from './run.mjs'

await exitWith(async () => {
  await ready()
  // Not at the top: these need what `ready` installs.
  const { countTests } = await import('./totals.mjs')
  const { neverLoaded } = await import('./coverage.mjs')
  const { whyNoOpenSearch } = await import('./opensearch.mjs')
  const { whyNoRabbitMQ } = await import('./rabbitmq.mjs')

  const servers = { opensearch: await whyNoOpenSearch(process.env), rabbitmq: await whyNoRabbitMQ(process.env) }
  const missing = Object.entries(servers).filter(([, why]) => why !== undefined)
  for (const [server, why] of missing)
    console.log(`What talks to ${server} is not tested, nor its coverage asked for: ${why}`)
  const without = missing.map(([server]) => server).join()
  const some = process.argv.slice(2)
  const tap = ['run', '--reporter=tap', ...(some.length > 0 ? ['--disable-coverage', ...some] : [])]
  const counter = countTests(console.log)
  const started = performance.now()
  const { code } = await run(process.execPath, [join(root, 'node_modules/.bin/tap'), ...tap], {
    cwd: root,
    env: { ...process.env, ...(without && { CROSSCELL_WITHOUT: without }) },
    onOutput: counter.write,
  })
  const { passed, failed, skipped } = await counter.end()

  const untested = some.length > 0 || passed === 0 ? [] : neverLoaded(root)
  if (untested.length > 0) console.log(`no test loads:\n${untested.map(file => `  ${file}`).join('\n')}`)
  const wrong = code !== 0 || failed > 0 || untested.length > 0 || passed === 0
  if (wrong && failed === 0 && passed > 0)
    console.log('every test passed, the coverage gate did not (see above)')
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${seconds} s${skipped ? `, ${skipped} skipped` : ''}`)
  console.log(`tests: ${passed} passed, ${failed} failed`)
  return wrong ? code || 1 : 0
})
