import { tableOf } from './tables.mjs'

const number = value => value.toLocaleString('en')

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- --help\` says what else it can measure. Client and servers share the machine, so
ratios say more than times: all contenders take turns in one run, a ratio is made within each round, and its median stands with
its quartiles. Every answer was compared with SQL's before its time was taken, and again behind it. Each contender in this table is
a process of its own that takes its own time, so that nobody pays for what another leaves to the garbage collector. A page that takes
less than 400 ms is asked for once untimed just before, so that nobody is measured cold after waiting for the others (Nova's is not).
What is measured without them (counts, round trips, far cells, a hung cell, simulated cells, parts alone) shares one process.

| contender | does |
|---|---|
| plain mysql2, one cell | the floor: one statement for as many full rows of the same scope and order, of one cell alone, its first page |
| raw socket, one cell | the same statement; bytes arrive and are cut into packets, and nobody reads them |
| hand-written fan-out | every cell is asked for the whole page at once; concat, sort, slice |
| crosscell | \`openCells({ cells })\` |
| crosscell, apiDatabase | asks the API database as well: which instances have no cell yet, which copy of what moves is the current one |
| Nova | its own \`instance_list\` on the same databases, in a patched Python process (Debian: \`apt-get install python3-nova python3-pymysql\`) |
| Spider | MariaDB's engine for tables that are spread over servers, on a server of its own (Debian's \`mariadb-plugin-spider\`, unpacked into the cache) |

\`fetched/row\`: rows that were fetched to decide on the page, for each row of it, when it was asked for the first time, and again: what is
timed is the page again, as a dashboard asks for it; \`page after page\` asks for none twice. \`sent/row\`: all rows that the servers sent,
relations and mappings included. \`CPU\`: of the client's process alone. \`waits\`: round trips one after the other, whatever
runs at the same time. A page in the middle is asked for by crosscell's cursor, and by Nova's marker. Plots leave out who had
other rows than SQL.
`

const section = ({ header, results, targets, name, figures }) => {
  const { command, server, cells, instances, cpu, memory, system, node, date, load, rounds } = header
  const plots = figures.map(figure => `![${figure}](benchmarks/${name}-${figure}.svg)`)
  const works = results.map(result => `### ${result.title}\n\n${tableOf(result).markdown}`)
  return [
    `## ${server}, ${number(cells)} cells × ${number(instances)} instances`,
    `\`${command}\`, ${date}, ${rounds} rounds. ${cpu}, ${memory}; ${system}; Node ${node}. Load when it ended: ${load}. All cells on one server, data in memory.`,
    tableOf(targets).markdown,
    ...plots,
    ...works,
  ].join('\n\n')
}

/** The page of all runs. */
export const page = runs => `${[INTRODUCTION.trimEnd(), ...runs.map(section)].join('\n\n')}\n`
