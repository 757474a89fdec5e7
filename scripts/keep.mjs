// @ts-check
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where what was fetched is kept between runs.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const cacheOf = env => env.CROSSCELL_CACHE || join(homedir(), '.cache', 'crosscell')

/**
 * Makes a folder, with a program in it. What is there is whole: it is made beside its place and moved there at the end.
 *
 * @param {string} kept the folder
 * @param {{ name: string, text: string }} program
 * @param {(folder: string) => Promise<void>} fill
 */
export async function keep(kept, { name, text }, fill) {
  const beside = join(kept, '..')
  mkdirSync(beside, { recursive: true })
  const folder = mkdtempSync(join(beside, `${name}-`))
  try {
    await fill(folder)
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o755)
    // mkdtemp's folders are their maker's alone.
    chmodSync(folder, 0o755)
    if (!existsSync(kept)) renameSync(folder, kept)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
