// @ts-check
/**
 * Makes a fresh clone ready: npm dependencies, a MariaDB server binary, and with `--build` the built package.
 * Then runs the command after `--`, if there is one:
 *
 *   node scripts/ready.mjs [--build] [-- command arguments…]
 *
 * Node builtins only: this is the first thing that runs.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  buildIsStale,
  debianPackages,
  findServer,
  nodeIsNewEnough,
  npmCommand,
  serverAction,
  serverAdvice,
} from './decisions.mjs'
import { run } from './run.mjs'

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** A reason to stop that a person can act on. */
export class NotReady extends Error {}

/** @param {{ build?: boolean }} [options] */
export async function ready({ build = false } = {}) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (!nodeIsNewEnough(process.versions.node, engines.node)) {
    throw new NotReady(`Node ${engines.node} is needed; this is ${process.versions.node}.`)
  }
  await dependencies()
  await mariadb()
  if (build && buildIsStale(root)) {
    await step('building', process.execPath, [join(root, 'scripts/build.mjs')])
  }
}

async function dependencies() {
  const command = npmCommand(root)
  if (command === 'nothing') return
  const args = [command, '--include=dev', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath ?? ''
  const [program, first] = /npm-cli\.c?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []]
  await step('installing npm dependencies', program, [...first, ...args])
}

async function mariadb() {
  const found = findServer(process.env)
  const isRoot = process.getuid?.() === 0
  const action = serverAction(found, { env: process.env, isRoot })
  if (action.act === 'stop') throw new NotReady(action.message)
  if (action.act === 'nothing') return

  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step('refreshing the package lists', 'apt-get', ['update'], { env, mayFail: true })
  const install = ['install', '-y', '--no-install-recommends', '--no-remove', ...debianPackages]
  // A package manager that is killed in the middle leaves the system in pieces.
  await step('installing the MariaDB server', 'apt-get', install, { env, mayFail: true, tidyMs: 600_000 })
  const { problem } = findServer(process.env)
  if (problem) throw new NotReady(serverAdvice(problem))
}

/**
 * One short line, then the command; its output shows only when it fails. What may fail is judged by its effect.
 *
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, mayFail?: boolean, tidyMs?: number }} [options]
 */
export async function step(what, command, args, { env = process.env, mayFail = false, tidyMs } = {}) {
  console.log(`${what} …`)
  const { code, output } = await run(command, args, { cwd: root, env, quiet: true, tidyMs })
  if (code === 0) return
  const problem = `${output.trimEnd()}\n${what} failed (exit code ${code}).`
  if (!mayFail) throw new NotReady(problem)
  console.error(problem)
}

/**
 * Runs `main` and leaves with the code that it returns; a reason to stop is printed without a stack.
 *
 * @param {() => Promise<number>} main
 */
export async function exitWith(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    console.error(error instanceof NotReady ? error.message : error)
    process.exitCode = 1
  }
}

/** @returns {Promise<number>} */
async function main() {
  const args = process.argv.slice(2)
  const at = args.includes('--') ? args.indexOf('--') : args.length
  await ready({ build: args.slice(0, at).includes('--build') })
  const [command, ...rest] = args.slice(at + 1)
  return command === undefined ? 0 : (await run(command, rest)).code
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await exitWith(main)
