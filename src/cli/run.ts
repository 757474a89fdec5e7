import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { CrosscellError, InvalidInputError } from '../errors.js'
import { type Parsed, parseArguments } from './arguments.js'
import type { Context } from './context.js'
import { doctor } from './doctor.js'
import { exitCode } from './exit-code.js'
import { list } from './list.js'
import { say } from './output.js'
import { printable } from './printable.js'

/** Milliseconds that an interrupted command has to stop its statements on the servers. */
const GRACE = 1_000
/** Those that an indexer has to bring what is under way to its end: a bus is given twice ten seconds. */
const LONG_GRACE = 25_000

/** Runs the command. When it resolves, the streams have taken all output and nothing is under way any more. */
export const run = async (context: Context): Promise<number> => {
  const { argv, env, stdout, stderr, signal } = context
  // Every failure is the failure of a write as well, and is judged there.
  for (const stream of [stdout, stderr]) stream.on('error', () => {})
  const parsed = parseArguments(argv, env)
  if ('exit' in parsed) {
    await say(stdout, parsed.stdout)
    await say(stderr, parsed.stderr)
    return parsed.exit
  }
  const work = workOf(parsed, context)
  const outcome = work.catch(error => judge(error, context))
  // A reader that takes nothing any more must not keep an interrupted command.
  const interrupted = once(signal, 'abort').then(async () => {
    await Promise.race([outcome, setTimeout('indexing' in parsed ? LONG_GRACE : GRACE)])
    return exitCode.interrupted
  })
  return Promise.race([outcome, interrupted])
}

const workOf = async (
  parsed: Exclude<Parsed, { readonly exit: number }>,
  context: Context,
): Promise<number> => {
  if ('list' in parsed) return list(parsed.list, context)
  if ('doctor' in parsed) return doctor(parsed.doctor, context)
  // Whoever lists does not wait for what keeps an index.
  const { index } = await import('./indexing/index-command.js')
  return index(parsed.indexing, context)
}

/** Says what went wrong. Throws what should never have happened. */
const judge = async (error: unknown, { stderr, signal }: Context): Promise<number> => {
  if (signal.aborted) return exitCode.interrupted
  const { code, message } = error as { code: string; message: string }
  // As `| head` does it: the reader has had enough.
  if (code === 'EPIPE') return exitCode.complete
  if (!(error instanceof CrosscellError) && !isSystemError(error)) throw error
  await say(stderr, `crosscell: ${code}: ${printable(message)}\n`)
  return error instanceof InvalidInputError ? exitCode.usage : exitCode.failed
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error
