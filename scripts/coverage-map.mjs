/** What tap's coverage gate is about: all of `src`, and nothing but it, whichever test or process loads it. */
const ALL = ['src/**/*.ts']

/** Where OpenSearch can't be had, what talks to it can't be tested: `npm test` says so. */
const WITHOUT_OPENSEARCH = [
  'src/*.ts',
  'src/!(search)/**/*.ts',
  'src/search/*.ts',
  'src/search/!(opensearch)/**/*.ts',
]

export default () => (process.env.CROSSCELL_WITHOUT === 'opensearch' ? WITHOUT_OPENSEARCH : ALL)
