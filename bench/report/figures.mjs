import { bars, lines } from './plots.mjs'

const PAGES = {
  'first-20': 'first page, limit 20',
  'first-100': 'first page, limit 100',
  'first-1000': 'first page, limit 1000',
  'newest-in-one': 'newest rows in one cell',
  'middle-1000': 'in the middle',
  'end-1000': 'near the end',
  'project-huge': 'one huge project',
  'no-index': 'sort without an index',
  'detail-rest': 'full detail, as REST',
}

const PLOTTED = [
  'crosscell',
  'crosscell, apiDatabase',
  'plain mysql2, one cell, arrays',
  'hand-written fan-out',
  'Spider',
  'Nova',
]

/** Whatever of the works there is, as one plot: their figure by contender. */
const byContender = (title, unit, figure) => results => {
  const works = results.filter(({ name }) => name in PAGES)
  if (works.length === 0) return undefined
  const figureOf = (work, plotted) =>
    work.measures.find(({ contender, note }) => contender.replace(/ \d.*/, '') === plotted && !note)?.[figure]
  const series = PLOTTED.map(name => ({ name, values: works.map(work => figureOf(work, name)) }))
  return bars({
    ...{ title, unit, log: true, categories: works.map(({ name }) => PAGES[name]) },
    series: series.filter(({ values }) => values.some(value => value !== undefined)),
  })
}

/** One line for each key, in the sequence of the figures. */
const grouped = (measures, keyOf, pointOf) =>
  [...new Set(measures.map(keyOf))].map(name => ({
    name,
    points: measures.filter(measure => keyOf(measure) === name).map(pointOf),
  }))

const ofWork = (work, make) => results => {
  const result = results.find(({ name }) => name === work)
  return result && make(result.measures)
}

/** The plots of a run: by name, what draws them of its results, undefined where they have nothing for it. */
export const FIGURES = {
  pages: byContender('A page: median time', 'ms', 'p50'),
  cpu: byContender('CPU time of the client', 'µs for each row returned', 'cpuPerRow'),
  concurrency: ofWork('concurrency', measures =>
    lines({
      ...{ title: 'Pages of 100, many at a time', unit: 'requests/s', across: 'requests at a time' },
      series: grouped(
        measures,
        ({ contender }) => contender,
        ({ width, perSecond }) => [width, Math.round(perSecond)],
      ),
    }),
  ),
  simulated: ofWork('simulated', measures =>
    lines({
      ...{ title: 'A page of 1000 over simulated cells: keys', unit: 'ms', across: 'cells', log: false },
      series: grouped(
        measures,
        ({ latency }) => latency,
        ({ sources, p50 }) => [sources, Number(p50.toFixed(1))],
      ),
    }),
  ),
  merge: ofWork('micro', measures =>
    lines({
      ...{ title: 'Merge', unit: 'ns a row', across: 'sources' },
      series: grouped(
        measures.filter(({ contender }) => contender.endsWith('sources')),
        ({ contender }) => contender.split(', a row')[0],
        ({ contender, perThing }) => [Number(/\d+/.exec(contender)[0]), Math.round(perThing.median)],
      ),
    }),
  ),
}
