import { parseArgs } from 'node:util'

export const USAGE = `npm run bench                       10 cells × 100,000 instances on MariaDB; writes docs/benchmarks.md
npm run bench -- --large            3 cells × 1,000,000, then 100 cells × 10,000
npm run bench -- --server mysql     the same on MySQL (CROSSCELL_MYSQLD, else what npm run test:mysql has fetched)
npm run bench -- --cells 10 --instances 50000
npm run bench -- --only first-1000  some works only, by a part of their name; prints, writes nothing
npm run bench -- --quick            little data, few rounds: whether it works and its results are right; writes nothing
npm run bench -- --rounds 80        how often each contender runs (40); slow ones run less often`

const OPTIONS = {
  cells: { type: 'string' },
  instances: { type: 'string' },
  rounds: { type: 'string' },
  server: { type: 'string', default: 'mariadb' },
  only: { type: 'string' },
  large: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const wholeNumber = (name, text) => {
  if (text === undefined) return undefined
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} takes a number, not ${text}\n\n${USAGE}`)
  return Number(text)
}

/** The shapes of data, one after the other, and how they are measured. */
export const readArguments = args => {
  const { values } = parseArgs({ args, options: OPTIONS })
  const { quick, large, only, server, help } = values
  if (!['mariadb', 'mysql'].includes(server)) throw new Error(`--server takes mariadb or mysql\n\n${USAGE}`)
  const cells = wholeNumber('cells', values.cells)
  const instances = wholeNumber('instances', values.instances)
  const fallback = quick ? { cells: 3, instances: 2_000 } : { cells: 10, instances: 100_000 }
  const shapes = large
    ? [
        { cells: 3, instances: 1_000_000 },
        { cells: 100, instances: 10_000 },
      ]
    : [{ cells: cells ?? fallback.cells, instances: instances ?? fallback.instances }]
  return {
    help,
    quick,
    only,
    kind: server,
    shapes,
    rounds: wholeNumber('rounds', values.rounds) ?? (quick ? 2 : 40),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    writes: !quick && only === undefined,
  }
}
