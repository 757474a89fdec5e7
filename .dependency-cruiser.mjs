/**
 * The house: which folder of `src` may import what. Imports go only towards the top of `floors`, nothing
 * goes in a circle, and each package from outside is imported on its own floor alone.
 * `test/scripts/house.test.ts` shows that every rule bites.
 */

/**
 * From the top of the house down. `packages` and `builtins` are all that a floor may import from outside
 * (`builtins: 'any'` is every module of Node itself).
 *
 * @type {{ name: string, path: string, packages: string[], builtins: string[] | 'any' }[]}
 */
const floors = [
  { name: 'top', path: '^src/(errors|observability)\\.ts$', packages: [], builtins: 'any' },
  { name: 'engine', path: '^src/engine/', packages: [], builtins: ['crypto', 'buffer'] },
  { name: 'sql', path: '^src/sql/', packages: [], builtins: [] },
  { name: 'resources', path: '^src/resources/', packages: [], builtins: [] },
  { name: 'validation', path: '^src/validation/', packages: ['ajv'], builtins: 'any' },
  { name: 'cells', path: '^src/cells/', packages: ['mysql2', 'lru-cache'], builtins: 'any' },
  // Above the listing: an index is one more source of the rows that are listed.
  {
    name: 'search',
    path: '^src/search/',
    packages: ['libsql', '@opensearch-project/opensearch', 'lru-cache'],
    builtins: 'any',
  },
  { name: 'listing', path: '^src/listing/', packages: ['lru-cache'], builtins: 'any' },
  { name: 'indexing', path: '^src/indexing/', packages: ['amqplib', 'lru-cache'], builtins: 'any' },
  { name: 'rest', path: '^src/rest/', packages: [], builtins: 'any' },
  // What `src/testing` starts is for users' tests; of the library itself only the command may start it.
  { name: 'testing', path: '^src/testing/', packages: [], builtins: 'any' },
  {
    name: 'cli',
    path: '^src/cli/',
    packages: ['commander', 'cli-table3', 'ora', 'csv-stringify'],
    builtins: 'any',
  },
  // Entries of their own, for those who have these packages: they know of the library what its messages say.
  { name: 'telemetry', path: '^src/telemetry/', packages: ['@opentelemetry/api', 'prom-client'], builtins: [] },
]

const index = '^src/index\\.ts$'
const known = [...floors.map(floor => floor.path), index]
const error = /** @type {const} */ ('error')

const upwardsOnly = floors.slice(0, -1).map((floor, at) => ({
  name: `${floor.name}-imports-upwards`,
  comment: `${floor.name} may import only from floors above it`,
  severity: error,
  from: { path: floor.path },
  to: { path: floors.slice(at + 1).map(below => below.path) },
}))

const packagesOnTheirFloor = floors.map(floor => ({
  name: `${floor.name}-packages`,
  comment: `${floor.name} may import from outside: ${floor.packages.join(', ') || 'nothing'}`,
  severity: error,
  from: { path: floor.path },
  to: {
    dependencyTypesNot: ['core'],
    pathNot: ['^src/', ...floor.packages.map(name => `(^|/)node_modules/(@types/)?${name}/`)],
  },
}))

const builtinsOnTheirFloor = floors
  .filter(floor => floor.builtins !== 'any')
  .map(floor => ({
    name: `${floor.name}-builtins`,
    comment: `${floor.name} is pure: of Node itself it may import ${[...floor.builtins].join(', ') || 'nothing'}`,
    severity: error,
    from: { path: floor.path },
    to: {
      dependencyTypes: ['core'],
      ...(floor.builtins.length > 0 && { pathNot: `^(node:)?(${[...floor.builtins].join('|')})$` }),
    },
  }))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upwardsOnly,
    ...packagesOnTheirFloor,
    ...builtinsOnTheirFloor,
    {
      name: 'telemetry-listens-only',
      comment: 'telemetry is made of messages alone',
      severity: error,
      from: { path: '^src/telemetry/' },
      to: { path: '^src/', pathNot: ['^src/telemetry/', floors[0].path] },
    },
    {
      name: 'index-is-the-public-surface',
      comment:
        'src/index.ts says what is public; the command, the test cells and telemetry are entries of their own',
      severity: error,
      from: { path: index },
      to: { path: ['^src/(cli|testing|telemetry)/'] },
    },
    {
      name: 'index-imports-nothing-from-outside',
      severity: error,
      from: { path: index },
      to: { pathNot: '^src/' },
    },
    {
      name: 'nobody-imports-the-index',
      comment: 'import from the file that defines it: the index is for users of the package',
      severity: error,
      from: { path: '^src/' },
      to: { path: index },
    },
    {
      name: 'no-unknown-folder',
      comment: 'a new folder or file of src needs a place in the house first (no utils/, no types/)',
      severity: error,
      from: { path: '^src/', pathNot: known },
      to: {},
    },
    {
      name: 'no-import-of-an-unknown-folder',
      severity: error,
      from: {},
      to: { path: '^src/', pathNot: known },
    },
    {
      name: 'no-import-from-beside-src',
      comment: 'tests, benchmarks and scripts are not part of the package',
      severity: error,
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|dist)/' },
    },
    { name: 'no-circle', severity: error, from: {}, to: { circular: true } },
    { name: 'resolvable', severity: error, from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-package',
      comment:
        'users of the package do not have its development dependencies, but for those that are peers as well',
      severity: error,
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
