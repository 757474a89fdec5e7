import type { FeedStatus, IndexerStatus, RebuildProgress, Tending } from '../../indexing/index.js'
import { printable } from '../printable.js'

const number = (value: number): string => Math.round(value).toLocaleString('en')

/** A time that has passed or is to pass. */
export const durationOf = (ms: number): string => {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** 0 to 100. Of nothing, nothing is left to do. */
const percentOf = ({ documents, expected }: RebuildProgress): number =>
  expected === 0 ? 100 : Math.min(100, Math.floor((100 * documents) / expected))

const waitingOf = ({ cells }: RebuildProgress): string =>
  cells
    .filter(({ state }) => state === 'waiting')
    .map(({ name, error }) => `; ${printable(name)} waits (${error})`)
    .join('')

/** How far a rebuild is, in words that stay the same while little changes. */
export const rebuildFact = (progress: RebuildProgress): string =>
  `${progress.phase} ${progress.generation}, ${percentOf(progress)} %${waitingOf(progress)}`

const CELLS_OF_BAR = 20

/** The same to the last document, for a line that changes. */
export const rebuildLine = (progress: RebuildProgress): string => {
  const { phase, documents, expected, rate, left } = progress
  const done = Math.round((percentOf(progress) / 100) * CELLS_OF_BAR)
  const bar = '━'.repeat(done) + '─'.repeat(CELLS_OF_BAR - done)
  const time = left === null ? '' : `, ${durationOf(left)} left`
  return `${phase} ${bar} ${number(documents)} of ${number(expected)}, ${number(rate)}/s${time}${waitingOf(progress)}`
}

/** A state, and why. */
const stateOf = (state: string, ...why: readonly (string | null | undefined)[]): string => {
  const reasons = why.filter(one => one != null)
  return reasons.length === 0 ? state : `${state} (${reasons.join(', ')})`
}

export const cellState = ({ state, error }: Pick<Tending, 'state' | 'error'>): string => stateOf(state, error)

const feedState = ({ state, error, notice }: FeedStatus): string => stateOf(state, error, notice)

/** Documents that somebody has to look at. */
export const withheldNote = (withheld: number, name: string): string =>
  `${number(withheld)} documents of ${printable(name)} are withheld: their records are gone, all at once; if that is right, crosscell index verify --remove`

/** What is worth a line whenever it changes, by what it is about. */
export const factsOf = ({
  index,
  generation,
  cells,
  feeds,
  rebuild,
}: IndexerStatus): ReadonlyMap<string, string> =>
  new Map([
    ['', `${index}: ${generation === null ? 'nothing answers yet' : `${generation} answers`}`],
    ...(rebuild === null ? [] : [['rebuild', rebuildFact(rebuild)] as const]),
    ...cells.flatMap(cell => {
      const fact = [`cell ${cell.uuid}`, `${printable(cell.name)}: ${cellState(cell)}`] as const
      const withheld = [`withheld ${cell.uuid}`, withheldNote(cell.withheld, cell.name)] as const
      return cell.withheld > 0 ? [fact, withheld] : [fact]
    }),
    ...feeds.map(feed => [`feed ${feed.name}`, `feed ${printable(feed.name)}: ${feedState(feed)}`] as const),
  ])

/** All of it in one line that changes. */
export const statusLine = ({ cells, feeds, rebuild }: IndexerStatus): string => {
  if (rebuild !== null) return rebuildLine(rebuild)
  const states = cells.map(cell => {
    const lag = cell.lag === null ? '' : ` ${durationOf(cell.lag)}`
    return `${printable(cell.name)} ${cellState(cell)}${lag}`
  })
  const waiting = feeds.flatMap(({ name, waiting }) =>
    waiting === null ? [] : [`${printable(name)} ${number(waiting)} waiting`],
  )
  return [...states, ...waiting].join(', ')
}
