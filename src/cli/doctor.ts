import { setMaxListeners } from 'node:events'
import { IncomparableCellsError } from '../errors.js'
import type { Cells } from '../listing/cells.js'
import type { CellExplanation } from '../listing/explain.js'
import { openCells } from '../listing/open-cells.js'
import type { ListQuery } from '../resources/query.js'
import type { Resource } from '../resources/resource.js'
import type { RequestOptions } from '../validation/validator.js'
import type { DoctorArguments } from './arguments.js'
import { configOf } from './config.js'
import type { Context } from './context.js'
import { type Diagnosis, diagnose, refused } from './diagnosis.js'
import { exitCode } from './exit-code.js'
import { numberOf } from './filter.js'
import { warning } from './notes.js'
import { hasColours, say, widthOf, write } from './output.js'
import { remediesText } from './remedies.js'
import { resources } from './resources.js'
import { tablePrinter } from './table.js'

/** Rows on the page that is explained: what `crosscell list` asks for. */
const PAGE = 100

/** Runs `crosscell doctor` and gives its exit code. */
export const doctor = async (args: DoctorArguments, context: Context): Promise<number> => {
  const cells = await openCells(configOf(args))
  try {
    const { keys, reports } = await examine(cells, args, context.signal)
    const complete = reports.every(({ error }) => error === undefined)
    const { stdout, stderr } = context
    if (args.format === 'json') {
      const answer = { resource: args.resource, complete, keys, cells: reports }
      await write(stdout, `${JSON.stringify(answer, null, 2)}\n`)
    } else {
      await write(stdout, tableOf(keys, context))
      await write(stdout, remediesText(keys))
    }
    const lines = warning(reports.map(report => ({ ...report, rows: 0, fetched: 0 })))
    await say(stderr, lines.map(line => `${line}\n`).join(''))
    return complete ? exitCode.complete : exitCode.partial
  } finally {
    await cells.close()
  }
}

type Report = Pick<CellExplanation, 'uuid' | 'name' | 'state' | 'ms' | 'error'>

interface Examined {
  readonly keys: readonly Diagnosis[]
  /** Each cell once: as it answered, or as it failed for one of the keys. */
  readonly reports: readonly Report[]
}

const examine = async (cells: Cells, args: DoctorArguments, signal: AbortSignal): Promise<Examined> => {
  const resource: Resource = resources[args.resource]
  const { deadline } = args
  const options = { signal, ...(deadline !== undefined && { deadline: numberOf(deadline) }) } as RequestOptions
  // All keys are asked for at once, which is no leak.
  setMaxListeners(0, signal)
  const reports = new Map<string, Report>()
  const examineKey = async (key: string): Promise<Diagnosis> => {
    // Both directions read the same index.
    const query: ListQuery<Resource, string, never> = { scope: 'all', sort: [key], limit: PAGE }
    try {
      const explained = await cells.of(resource).explain(query, options)
      for (const { uuid, name, state, ms, error } of explained.cells)
        if (reports.get(uuid)?.error === undefined)
          reports.set(uuid, { uuid, name, state, ms, ...(error && { error }) })
      return diagnose(key, explained)
    } catch (error) {
      if (error instanceof IncomparableCellsError) return refused(key, error.message)
      throw error
    }
  }
  // What the cells look like is known from the first key on.
  const [first, ...others] = [...resource.sortKeys].sort()
  const one = await examineKey(first!)
  return { keys: [one, ...(await Promise.all(others.map(examineKey)))], reports: [...reports.values()] }
}

const tableOf = (keys: readonly Diagnosis[], { stdout, env }: Context): string => {
  const print = tablePrinter({
    columns: ['key', 'page', 'rows', 'index'],
    width: widthOf(stdout),
    colours: hasColours(stdout, env),
  })
  return print(
    keys.map(({ key, page, cells, scans, rows, indexes }) => [
      key,
      scans.length === 0 || scans.length === cells ? page : `scan in ${scans.length} of ${cells}`,
      rows === null ? null : rows.toLocaleString('en'),
      indexes.length === 0 ? null : indexes.join(', '),
    ]),
  )
}
