const us = value => `${value.toFixed(1)} µs`

/** What a page costs the client beside one statement to one cell, the servers on the same two cores. */
const besideOne = (work, contender) => r => {
  const [ours, one] = [r(work, contender), r(work, 'plain')]
  return `${us(ours.cpuPerRow)} of the client a row, ${us(one.cpuPerRow)} for one cell: the driver parses ${ours.fetchedPerRow.toFixed(2)} rows for each, of ${ours.statements} statements, and the client’s core has no time left`
}

const far = r =>
  `the statements alone, by plain mysql2, nothing done with their rows: ${r('far-cells', 'plain mysql2, three').p50.toFixed(1)} ms`

/**
 * The targets of the project, each with the figure that decides about it, and with what shows its limit where it is missed. A
 * figure that this run does not have leaves its line out.
 */
const TARGETS = [
  [
    '1000 full rows over all cells, to the same from one cell',
    '<=',
    1.25,
    r => r('first-1000').toFloor,
    besideOne('first-1000'),
  ],
  [
    'the same, page after page, none asked before',
    '<=',
    1.25,
    r => r('middle-1000', 'crosscell, page').toFloor,
    besideOne('middle-1000', 'crosscell, page'),
  ],
  [
    'the same, all newest rows in one cell',
    '<=',
    1.5,
    r => r('newest-in-one').toFloor,
    besideOne('newest-in-one'),
  ],
  ['a page in the middle, to the first page', '<=', 1.1, r => toFirst(r, 'middle-1000')],
  ['a page near the end, to the first page', '<=', 1.1, r => toFirst(r, 'end-1000')],
  ['rows fetched per row returned, limit 1000', '<=', 1.3, r => r('first-1000').fetchedFirst],
  ['rows fetched per row returned, limit 20', '<=', 3, r => r('first-20').fetchedFirst],
  [
    'full rows fetched per row returned, a page that is new',
    '<=',
    1.02,
    r => r('first-1000').fetchedFirst,
    () => 'the price of one wait in the place of two: docs/adr/0008-full-rows.md',
  ],
  ['full rows fetched per row returned, the same page again', '<=', 1.02, r => r('first-1000').fetchedPerRow],
  [
    '70 cells of 20 ms each, limit 100, four fields: ms',
    '<=',
    25,
    r => r('far-cells', 'crosscell, limit 100, four fields').p50,
    far,
  ],
  [
    '70 cells of 20 ms each, limit 100, full rows: ms',
    '<=',
    25,
    r => r('far-cells', 'crosscell, limit 100, full rows').p50,
    far,
  ],
  ['hand-written fan-out, limit 1000: times faster', '>=', 5, r => r('first-1000', 'hand-written').faster],
  ['Nova, first page of 1000: times faster', '>=', 60, r => r('first-1000', 'Nova').faster],
  ['Nova, page in the middle: times faster', '>=', 60, r => r('middle-1000', 'Nova').faster],
  ['Nova, limit 100: times faster', '>=', 60, r => r('first-100', 'Nova').faster],
  ['Nova, full detail of 1000: times faster', '>=', 40, r => r('detail-rest', 'Nova').faster],
  ['Nova, one project, limit 1000: times faster', '>=', 8, r => r('project-middling', 'Nova').faster],
  [
    'iterate, rows per second to plain mysql2 in the same order',
    '>=',
    0.8,
    r => r('iterate', 'crosscell').rateToFloor,
    r =>
      `one thread: ${us(r('iterate', 'crosscell').cpuPerRow)} of it a row, ${us(r('iterate', 'plain').cpuPerRow)} for plain mysql2, which makes no records and merges nothing`,
  ],
  [
    'a search by part of a word, one million documents: ms',
    '<=',
    10,
    r => r('index-search', 'crosscell search').p50,
  ],
  [
    'a sort that no cell has an index for: times faster than the cells',
    '>=',
    50,
    r => r('index-sort', 'crosscell, cells').faster,
  ],
  ['loading the embedded index: documents a second', '>=', 20_000, r => r('index-load', 'embedded').rate],
  ['merge of 100 sources: ns a row', '<=', 60, r => r('micro', 'merge, a row of 100 ').perThing],
  ['merge of 1,000 sources: ns a row', '<=', 100, r => r('micro', 'merge, a row of 1000 ').perThing],
  [
    'client CPU per full row, to plain mysql2’s arrays',
    '<=',
    1.5,
    r => r('first-1000').cpuPerRow / r('first-1000', 'plain').cpuPerRow,
    besideOne('first-1000'),
  ],
]

/** A page to the first, which took its turns beside it. */
const toFirst = (r, work) => {
  const { median, low, high } = r(work, 'crosscell, first page').faster
  return { median: 1 / median, low: 1 / high, high: 1 / low }
}

const written = value => (value < 10 ? value.toFixed(2) : value.toFixed(1))

/** Each target with what was measured, and whether it is met. */
export const targetsOf = results => {
  // The first contender of that name; what is missing throws, and drops its target.
  const figureOf = (work, contender = 'crosscell') => {
    const { measures } = results.find(({ name }) => name === work)
    return measures.find(measure => measure.contender.startsWith(contender))
  }
  return {
    name: 'targets',
    title: 'Targets',
    measures: TARGETS.flatMap(([contender, relation, limit, read, why]) => {
      const figure = figureIn(() => read(figureOf))
      if (figure === undefined) return []
      const { median = figure, low, high } = figure
      const met = relation === '<=' ? median <= limit : median >= limit
      return {
        contender,
        target: `${relation} ${limit}`,
        measured: low === undefined ? written(median) : `${written(median)} (${written(low)}–${written(high)})`,
        verdict: met ? 'met' : 'MISSED',
        ...(!met && why && { note: why(figureOf) }),
      }
    }),
  }
}

const figureIn = read => {
  try {
    const figure = read()
    return Number.isNaN(figure?.median ?? figure) ? undefined : figure
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
