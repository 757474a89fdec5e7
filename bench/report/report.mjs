import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FIGURES } from './figures.mjs'
import { page } from './page.mjs'

const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const folder = join(docs, 'benchmarks')

const nameOf = ({ kind, cells, instances }) => `${kind}-${cells}x${instances}`

// One line for what was measured where, one for each work, the last for the targets.
const linesOf = ({ header, results, targets }) => [header, ...results, targets].map(it => JSON.stringify(it))

const read = file => {
  const [header, ...results] = readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  return { header, targets: results.pop(), results }
}

/** Keeps the figures of a run and its plots, and writes the page of all runs that are kept. Gives the files. */
export const writeReport = measured => {
  mkdirSync(folder, { recursive: true })
  const name = nameOf(measured.header)
  const files = [join(folder, `${name}.jsonl`)]
  writeFileSync(files[0], `${linesOf(measured).join('\n')}\n`)
  for (const [figure, draw] of Object.entries(FIGURES)) {
    const svg = draw(measured.results)
    if (svg === undefined) continue
    const file = join(folder, `${name}-${figure}.svg`)
    writeFileSync(file, svg)
    files.push(file)
  }
  const kept = readdirSync(folder)
  // The run with the default data first.
  const runs = kept
    .filter(file => file.endsWith('.jsonl'))
    .map(file => ({ ...read(file), name: file.replace('.jsonl', '') }))
    .sort((a, b) => a.header.command.length - b.header.command.length || (a.name < b.name ? -1 : 1))
    .map(run => ({
      ...run,
      figures: Object.keys(FIGURES).filter(figure => kept.includes(`${run.name}-${figure}.svg`)),
    }))
  const target = join(docs, 'benchmarks.md')
  writeFileSync(target, page(runs))
  return [...files, target].map(file => file.slice(docs.length - 'docs'.length))
}
