import type { Indexer, Verified } from '../../indexing/index.js'
import type { Context } from '../context.js'
import { exitCode } from '../exit-code.js'
import { hasColours, say, widthOf, write } from '../output.js'
import { printable } from '../printable.js'
import { startLine } from '../progress.js'
import { tablePrinter } from '../table.js'
import type { IndexArguments } from './arguments.js'
import { withheldNote } from './texts.js'

/** Runs `crosscell index verify`. */
export const verifyIndex = async (
  indexer: Indexer,
  { check, remove, json }: IndexArguments,
  { stdout, stderr, env, signal }: Context,
): Promise<number> => {
  const line = startLine(stderr, env, 'comparing everything with the cells')
  const found = await indexer
    .verify({ signal, repair: !check, remove: remove === true })
    .finally(() => line.stop())
  if (json) await write(stdout, found.map(one => `${JSON.stringify(one)}\n`).join(''))
  else {
    const columns = ['cell', 'records', 'drift', 'mended', 'withheld', 'rows']
    const print = tablePrinter({ columns, width: widthOf(stdout), colours: hasColours(stdout, env) })
    await write(stdout, print(found.map(rowOf)))
  }
  await say(stderr, notesOf(found).join(''))
  return codeOf(found)
}

const rowOf = ({ name, error, ...found }: Verified): (string | null)[] => {
  const { records, drift, mended, withheld, rows } = found
  const counts = [records, drift, mended, withheld, rows].map(count => count?.toLocaleString('en') ?? null)
  return [name, ...(error === null ? counts : counts.map(() => null))]
}

const notesOf = (found: readonly Verified[]): string[] => [
  ...found.flatMap(({ name, error }) =>
    error === null ? [] : [`crosscell: warning: ${printable(name)} was not compared (${error})\n`],
  ),
  ...found.flatMap(({ name, withheld }) =>
    withheld === 0 ? [] : [`crosscell: warning: ${withheldNote(withheld, name)}\n`],
  ),
]

const codeOf = (found: readonly Verified[]): number => {
  if (found.some(({ drift, mended }) => drift > mended)) return exitCode.untrue
  return found.some(({ error }) => error !== null) ? exitCode.partial : exitCode.complete
}
