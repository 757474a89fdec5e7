// @ts-check
/** Runs a command so that nothing of it outlives this process. Node builtins only. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {{ code: number, output: string }} Ended */

/** How far apart two signals are two wishes. */
const repeatMs = 1_000

/**
 * Runs `command` in a process group of its own. A terminal signals the whole group at Ctrl-C and npm passes
 * the same signal on once more; only this process hears that, tells the command's group exactly once, waits
 * until it is empty, and then dies of the same signal. A second Ctrl-C does not wait.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {boolean} [options.quiet] keep the output and return it instead of showing it
 * @param {(text: string) => void} [options.onOutput] gets standard output instead of showing it
 * @param {number} [options.tidyMs] how long the command may tidy up after a signal, before it is killed
 * @returns {Promise<Ended>}
 */
export async function run(command, args, { cwd, env, quiet = false, onOutput, tidyMs = 15_000 } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', quiet || onOutput ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  })
  let output = ''
  const keep = (/** @type {string} */ text) => {
    output = (output + text).slice(-20_000)
  }
  child.stdout?.setEncoding('utf8').on('data', onOutput ?? keep)
  child.stderr?.setEncoding('utf8').on('data', keep)

  const tell = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal)
    } catch {
      return false
    }
  }
  /** @type {{ signal: NodeJS.Signals, at: number } | undefined} */
  let told
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    if (!told) {
      told = { signal, at: Date.now() }
      tell(signal)
      setTimeout(() => tell('SIGKILL'), tidyMs).unref()
    } else if (Date.now() - told.at > repeatMs) {
      tell('SIGKILL')
    }
  }
  const onExit = () => tell('SIGTERM')
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, onSignal)
  process.on('exit', onExit)

  /** @type {number} */
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (status, signal) => done(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  }).finally(() => {
    process.off('exit', onExit)
  })
  if (told) {
    while (child.pid !== undefined && groupLives(child.pid) && Date.now() - told.at < tidyMs) await sleep(50)
    tell('SIGKILL')
  }
  for (const signal of signals) process.off(signal, onSignal)
  if (told) {
    process.kill(process.pid, told.signal)
    await sleep(1_000)
    process.exit(128 + constants.signals[told.signal])
  }
  return { code, output }
}

/**
 * Whether any process of a group still runs. Where there is /proc it tells the dead that nobody has collected
 * yet (in a container, perhaps nobody ever will) from the living.
 *
 * @param {number} group
 * @returns {boolean}
 */
export function groupLives(group) {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  try {
    return readdirSync('/proc').some(pid => /^\d+$/.test(pid) && livesIn(group, pid))
  } catch {
    return true
  }
}

/**
 * @param {number} group
 * @param {string} pid
 */
function livesIn(group, pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name in parentheses, which may hold anything: state, parent, group.
    const [state = '', , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(of) === group && !'ZX'.includes(state)
  } catch {
    return false
  }
}
