import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOf } from '../../scripts/keep.mjs'

const cache = () => cacheOf(process.env)

/** What is fetched for a contender. */
export const toolFolder = name => join(cache(), 'bench-tools', name)

// Whatever makes the rows: another generator, other data.
const GENERATOR = [
  ...readdirSync(fileURLToPath(new URL('../../dist/testing', import.meta.url)))
    .filter(name => /^(.*-data|schema|create-tables|populate|cell-plan|sql-text|vocabulary)\.js$/.test(name))
    .sort()
    .map(name => new URL(`../../dist/testing/${name}`, import.meta.url)),
  new URL('generate.mjs', import.meta.url),
]

const nameOf = ({ kind, cells, instances }) => `${kind}-${cells}x${instances}`

/** Where the data folder of this shape is kept; a changed generator has another place. */
export const dataFolder = shape => {
  const hash = createHash('sha256')
  for (const file of GENERATOR) hash.update(readFileSync(file))
  return join(cache(), 'bench', `${nameOf(shape)}-${hash.digest('hex').slice(0, 12)}`)
}

/** Keeps a server's data folder, in the place of what an older generator made. What is there is whole. */
export const keep = (shape, folder) => {
  const place = dataFolder(shape)
  const all = join(place, '..')
  mkdirSync(all, { recursive: true })
  for (const old of readdirSync(all).filter(name => name.startsWith(`${nameOf(shape)}-`)))
    rmSync(join(all, old), { recursive: true })
  const half = `${place}.half`
  try {
    renameSync(folder, half)
  } catch {
    // Another file system.
    cpSync(folder, half, { recursive: true })
  }
  renameSync(half, place)
}
