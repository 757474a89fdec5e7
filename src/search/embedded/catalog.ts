import { IndexError } from '../../errors.js'
import { sql } from '../../sql/fragment.js'
import type { Generation as Described } from '../search-index.js'
import type { Shape } from '../shape.js'
import type { Connection } from './connection.js'
import { numberOf, type State } from './generation.js'
import { generationTables, indexStatements } from './tables.js'
import type { Work } from './work.js'

/** All generations. */
export const generations = async ({ files }: Work): Promise<Described[]> => {
  const catalog = await files.catalog()
  const rows = (await catalog?.all(sql`SELECT number, layout, ready, current FROM generations`)) ?? []
  return rows.map(([number, layout, ready, current]) => ({
    name: `g${number}`,
    layout: layout as string,
    ready: ready === 1,
    current: current === 1,
  }))
}

const numbersOf = async (catalog: Connection): Promise<Set<number>> =>
  new Set((await catalog.all(sql`SELECT number FROM generations`)).map(([number]) => number as number))

/** The file is there before the catalog names it. */
export const create = async (
  { files, signal }: Work,
  shape: Shape,
  layout: string,
  bulk: boolean,
): Promise<string> => {
  const catalog = await files.makeCatalog()
  return catalog.transaction('write', signal, async () => {
    files.keepGenerations(await numbersOf(catalog))
    const insert = await catalog.prepare('INSERT INTO generations (layout, ready, current) VALUES (?, 0, 0)')
    const number = insert.run([layout]).lastInsertRowid
    const state: State = bulk ? 'filling' : 'open'
    const about = `INSERT INTO about VALUES (${quoted(JSON.stringify(shape))}, '${state}')`
    const indexes = bulk ? [] : indexStatements(shape)
    await files.makeGeneration(number, `${[generationTables(shape), about, ...indexes].join(';\n')};`)
    return `g${number}`
  })
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Changes the catalog, if that may be. */
const change = async (
  { files, signal }: Work,
  name: string,
  text: string,
  may: (is: { readonly ready: boolean; readonly current: boolean }) => boolean,
): Promise<Connection> => {
  const number = numberOf(name)
  const catalog = await files.catalog()
  if (catalog === undefined) throw new IndexError('NO_GENERATION')
  await catalog.transaction('write', signal, async () => {
    const [row] = await catalog.all(sql`SELECT ready, current FROM generations WHERE number = ${number}`)
    if (row === undefined) throw new IndexError('NO_GENERATION')
    if (!may({ ready: row[0] === 1, current: row[1] === 1 })) throw new IndexError('REFUSED')
    const statement = await catalog.prepare(text)
    statement.run([number])
  })
  return catalog
}

export const makeReady = async (work: Work, name: string): Promise<void> => {
  await change(work, name, 'UPDATE generations SET ready = 1 WHERE number = ?', () => true)
}

export const switchTo = async (work: Work, name: string): Promise<void> => {
  await change(work, name, 'UPDATE generations SET current = (number = ?)', ({ ready }) => ready)
}

export const drop = async (work: Work, name: string): Promise<void> => {
  const catalog = await change(
    work,
    name,
    'DELETE FROM generations WHERE number = ?',
    ({ current }) => !current,
  )
  // Nobody makes one meanwhile.
  await catalog.transaction('write', work.signal, async () =>
    work.files.keepGenerations(await numbersOf(catalog)),
  )
}
