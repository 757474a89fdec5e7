import type { Cells } from '../listing/cells.js'
import { openCells } from '../listing/open-cells.js'
import type { ListArguments } from './arguments.js'
import { configOf } from './config.js'
import type { Context } from './context.js'
import { exitCode } from './exit-code.js'
import { type Blocks, formats, type Row } from './format.js'
import { cellNotes, pageNote, rateNote, warning } from './notes.js'
import { hasColours, say, widthOf, write } from './output.js'
import { startProgress } from './progress.js'
import { columnsOf, optionsOf, queryOf } from './query.js'

/** Runs `crosscell list` and gives its exit code. */
export const list = async (args: ListArguments, context: Context): Promise<number> => {
  const cells = await openCells(configOf(args))
  try {
    return await (args.all ? listAll : listPage)(cells, args, context)
  } finally {
    await cells.close()
  }
}

const listPage = async (cells: Cells, args: ListArguments, context: Context): Promise<number> => {
  const page = await cells.instances.list(queryOf(args), optionsOf(args, context.signal))
  const json = args.format === 'json'
  if (json) await write(context.stdout, `${JSON.stringify(page, null, 2)}\n`)
  else await print([page.items], args, context)
  const notes = json ? [] : [pageNote(page.items.length, page.next, page.complete), ...cellNotes(page.cells)]
  return conclude(notes, page, context)
}

const listAll = async (cells: Cells, args: ListArguments, context: Context): Promise<number> => {
  const rows = cells.instances.iterate(queryOf(args), optionsOf(args, context.signal))
  const start = performance.now()
  const progress = startProgress(context.stderr, context.env)
  let count = 0
  try {
    const counted = (more: number): void => {
      count += more
      progress.rows(count)
    }
    await print(blocksOf(rows, counted), args, context)
  } finally {
    progress.stop()
  }
  const notes = [rateNote(count, performance.now() - start), ...cellNotes(rows.cells)]
  return conclude(notes, rows, context)
}

/** Records in one block: what `iterate` reads at a time. */
const BLOCK = 1_000

/** Every row is in one block; the last one may be empty only when it is the first as well. */
async function* blocksOf(
  rows: AsyncIterable<Row>,
  counted: (more: number) => void,
): Blocks & AsyncIterable<Row[]> {
  let block: Row[] = []
  let first = true
  for await (const row of rows) {
    block.push(row)
    if (block.length === BLOCK) {
      yield block
      counted(block.length)
      block = []
      first = false
    }
  }
  if (first || block.length > 0) yield block
  counted(block.length)
}

const print = async (blocks: Blocks, args: ListArguments, { stdout, env }: Context): Promise<void> => {
  const look = {
    columns: columnsOf(args),
    width: widthOf(stdout),
    colours: hasColours(stdout, env),
  }
  for await (const text of formats[args.format](blocks, look)) await write(stdout, text)
}

const conclude = async (
  notes: readonly string[],
  { cells, complete }: Pick<Awaited<ReturnType<Cells['instances']['list']>>, 'cells' | 'complete'>,
  { stderr }: Context,
): Promise<number> => {
  const lines = [...notes, ...warning(cells)]
  await say(stderr, lines.map(line => `${line}\n`).join(''))
  return complete ? exitCode.complete : exitCode.partial
}
