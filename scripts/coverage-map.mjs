/** What tap's coverage gate is about: all of `src`, and nothing but it, whichever test or process loads it. */
const ALL = ['src/**/*.ts']

/** Where a server can't be had, what talks to it can't be tested: `npm test` says so. Each has a folder of its name. */
const without = servers => [
  'src/*.ts',
  'src/!(search|indexing)/**/*.ts',
  'src/@(search|indexing)/*.ts',
  `src/@(search|indexing)/!(${servers.join('|')})/**/*.ts`,
]

const missing = process.env.CROSSCELL_WITHOUT

export default () => (missing ? without(missing.split(',')) : ALL)
