import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { groupLives, run } from '../../scripts/run.mjs'

const runner = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))
const node = process.execPath

t.test('gives the exit code and, when quiet, the end of what was written', async t => {
  const { code, output } = await run(
    node,
    ['-e', 'console.log("out"); console.error("err"); process.exit(3)'],
    {
      quiet: true,
    },
  )
  t.equal(code, 3)
  t.match(output, 'out')
  t.match(output, 'err')
})

t.test('hands on standard output as it comes', async t => {
  const seen: string[] = []
  await run(node, ['-e', 'console.log("é")'], { onOutput: text => seen.push(text) })
  t.equal(seen.join(''), 'é\n')
})

t.test('gives the code of a shell when a signal ended the command', async t => {
  t.equal((await run(node, ['-e', 'process.kill(process.pid, "SIGKILL")'], { quiet: true })).code, 128 + 9)
})

t.test('fails when there is no such command', async t => {
  await t.rejects(run(join(t.testdir(), 'missing'), []), { code: 'ENOENT' })
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  t.test(`passes ${signal} on once, waits until all of the command is gone, and dies of it`, async t => {
    const folder = t.testdir()
    // A command with a child of its own: both need a moment to tidy up, and say how often they were told to.
    const tidy = `
      const { appendFileSync, writeFileSync } = require('node:fs')
      process.on('${signal}', () => {
        appendFileSync(process.argv[1] + '.told', 'told')
        setTimeout(() => {
          appendFileSync(process.argv[1] + '.told', ' tidy')
          process.exit(0)
        }, process.argv[2])
      })
      setInterval(() => {}, 1000)
      if (process.argv[3]) require('node:child_process').spawn(process.execPath, ['-e', process.argv[3], process.argv[1] + '-child', 600])
      writeFileSync(process.argv[1] + '.pid', String(process.pid))`
    const code = `import(${JSON.stringify(runner)}).then(({ run }) => run(${JSON.stringify(node)},
      ['-e', ${JSON.stringify(tidy)}, ${JSON.stringify(join(folder, 'command'))}, '100', ${JSON.stringify(tidy)}]))`
    const wrapper = spawn(node, ['-e', code], { stdio: 'ignore' })
    const pidFiles = ['command.pid', 'command-child.pid'].map(name => join(folder, name))
    while (!pidFiles.every(file => existsSync(file) && readFileSync(file, 'utf8'))) await sleep(20)
    const group = Number(readFileSync(pidFiles[0]!, 'utf8'))
    t.ok(groupLives(group))

    wrapper.kill(signal)
    await sleep(20)
    wrapper.kill(signal)
    const [, died] = await once(wrapper, 'exit')

    t.equal(died, signal)
    t.notOk(groupLives(group), 'nothing is left')
    for (const name of ['command', 'command-child']) {
      t.equal(
        readFileSync(join(folder, `${name}.told`), 'utf8'),
        'told tidy',
        `${name} was told once, and given its time`,
      )
    }
  })
}
