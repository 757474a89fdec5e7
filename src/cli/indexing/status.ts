import type { Indexer, Tending } from '../../indexing/index.js'
import type { Context } from '../context.js'
import { exitCode } from '../exit-code.js'
import { hasColours, say, widthOf, write } from '../output.js'
import { tablePrinter } from '../table.js'
import type { IndexArguments } from './arguments.js'
import { cellState, durationOf, withheldNote } from './texts.js'

/** Runs `crosscell index status`. */
export const statusOfIndex = async (
  indexer: Indexer,
  { json }: IndexArguments,
  { stdout, stderr, env, signal }: Context,
): Promise<number> => {
  const { index, generation, cells } = await indexer.status({ signal })
  const all = cells.map(({ waiting, oldest, read, written, poison, ...cell }) => cell)
  if (json) await write(stdout, `${JSON.stringify({ index, generation, cells: all })}\n`)
  else {
    const columns = ['cell', 'state', 'lag', 'swept', 'drift', 'withheld', 'holder']
    const print = tablePrinter({ columns, width: widthOf(stdout), colours: hasColours(stdout, env) })
    await write(stdout, print(cells.map(rowOf)))
    const notes = [
      `${index}: ${generation === null ? 'nothing answers' : `${generation} answers`}`,
      ...cells.flatMap(({ withheld, name }) => (withheld > 0 ? [withheldNote(withheld, name)] : [])),
    ]
    await say(stderr, notes.map(note => `${note}\n`).join(''))
  }
  const isTrue = cells.every(({ state, withheld }) => state === 'fresh' && withheld === 0)
  return generation !== null && isTrue ? exitCode.complete : exitCode.untrue
}

const rowOf = (cell: Tending): (string | null)[] => {
  const { name, lag, swept, withheld, holder } = cell
  return [
    name,
    cellState(cell),
    lag === null ? null : durationOf(lag),
    swept === null ? null : new Date(swept.at).toISOString(),
    swept === null ? null : swept.drift.toLocaleString('en'),
    withheld.toLocaleString('en'),
    holder,
  ]
}

/** Runs `crosscell index rollback`. */
export const rollbackIndex = async (
  indexer: Indexer,
  { json }: IndexArguments,
  { stdout, signal }: Context,
): Promise<number> => {
  const generation = await indexer.rollback({ signal })
  await write(stdout, json ? `${JSON.stringify({ generation })}\n` : `${generation} answers now\n`)
  return exitCode.complete
}
