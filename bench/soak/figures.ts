import { readFile, writeFile } from 'node:fs/promises'
import type { Tally } from './asking.js'
import type { Judge } from './judge.js'
import type { Held } from './leaks.js'
import type { Writes } from './writers.js'

/** What came of a soak. */
export interface Figures {
  readonly minutes: number
  readonly seed: number
  readonly quiet: number
  readonly tally: Tally
  readonly checked: Judge['checked']
  readonly faults: ReadonlyMap<string, number>
  readonly longestStall: number
  readonly writes: Writes
  readonly held: Readonly<Record<'empty' | 'before' | 'middle' | 'after' | 'closed', Held>>
}

const number = (value: number): string => value.toLocaleString('en')

const listed = (
  counts: ReadonlyMap<string, number>,
  names: readonly string[] = [...counts.keys()].sort(),
): string => names.map(name => `${name} ${number(counts.get(name) ?? 0)}`).join(', ')

const megabytes = ({ heap }: Held): string => (heap / 2 ** 20).toFixed(1)

/** The figures as a table. */
const tableOf = ({
  minutes,
  seed,
  quiet,
  tally,
  checked,
  faults,
  longestStall,
  writes,
  held,
}: Figures): string => {
  const { counts } = tally
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0)
  const { empty, before, middle, after, closed } = held
  const rows = [
    ['time, seed', `${minutes} minutes, ${seed}`],
    ['requests', listed(counts, ['list', 'catchUp', 'iterate', 'get', 'count', 'status'])],
    ['answers to `list` and `iterate`', listed(counts, ['complete', 'partial'])],
    ['errors that were due', listed(counts, ['cells-unavailable', 'marker-not-found'])],
    ['callers that went away', number(counts.get('gone') ?? 0)],
    ['what cells were in pages', listed(counts, ['failed', 'timed-out', 'breaker-open'])],
    ['records compared', `${number(checked.rows)}, and ${number(checked.stubs)} stubs`],
    ['records caught up with', number(counts.get('caught up') ?? 0)],
    ['rows that never change', number(quiet)],
    [
      'writes beside',
      listed(new Map(Object.entries(writes)), ['inserted', 'updated', 'deleted', 'purged', 'lost']),
    ],
    [`faults: ${number(total)}`, listed(faults)],
    ['statements killed', number(counts.get('killed') ?? 0)],
    ['breakers', listed(counts, ['breaker open', 'breaker half-open', 'breaker closed'])],
    ['late beyond deadline and stalls, at the most', `${Math.max(0, Math.round(tally.latest))} ms`],
    ['longest stall of this process itself', `${Math.round(longestStall)} ms`],
    ['cells that were late without any fault', number(checked.undeserved)],
    [
      'heap at first, when the load has begun, in the middle, at its end, when closed',
      `${[empty, before, middle, after, closed].map(megabytes).join(', ')} MB`,
    ],
    [
      'connections before, after, when closed',
      [before, after, closed].map(({ connections }) => connections).join(', '),
    ],
    ['statements that nobody waits for, after', number(after.statements)],
    ['listeners before, after', [before, after].map(({ listeners }) => listeners).join(', ')],
    ['**wrong**', `**${number(tally.wrongs)}**`],
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}

export const print = (figures: Figures): void => {
  console.log(tableOf(figures))
}

const PAGE = new URL('../../docs/faults.md', import.meta.url)
const PLACE = /(?<=<!-- soak -->\n).*(?=<!-- \/soak -->)/s

/** Puts the figures into docs/faults.md. */
export const writePage = async (figures: Figures): Promise<void> => {
  const page = await readFile(PAGE, 'utf8')
  await writeFile(
    PAGE,
    page.replace(PLACE, () => `${tableOf(figures)}\n`),
  )
}
