import { readdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { IndexError } from '../../errors.js'
import { type Connection, connect, SETTINGS } from './connection.js'
import { inTurn, patiently } from './patience.js'
import { APPLICATION, FORM } from './tables.js'

/** The files of an index as one thread has them open: the catalog, and one for each generation. */
export interface Files {
  /** The catalog; undefined where there is none yet. */
  catalog(): Promise<Connection | undefined>
  /** The catalog, made where there is none. */
  makeCatalog(): Promise<Connection>
  /** A generation's file; undefined where there is none. */
  generation(number: number): Promise<Connection | undefined>
  /** One more connection to a generation's file, which is there; for who asks to close. */
  beside(number: number): Promise<Connection>
  makeGeneration(number: number, tables: string): Promise<void>
  /** Takes away the files of all generations but these: what is dropped, and what a process left that died while it made one. */
  keepGenerations(numbers: ReadonlySet<number>): void
  close(): void
}

/**
 * A file is not what it was when it was opened. What is open of it stays with the driver until it is collected, so that the thread ends, and
 * another one begins with the files as they are now.
 */
export class FilesChanged extends Error {}

interface Opened {
  readonly connection: Connection
  readonly file: Stats
  /** Our tables are in it. */
  made: boolean
}

/** Bytes of a page: eight rows of documents or more. */
const PAGE_SIZE = 8_192

/** To open a file takes no time. */
const NEVER = new AbortController().signal

export const openFiles = (path: string, tables: string): Files => {
  const opened = new Map<string, Opened>()
  // Two jobs that come together to a file have one connection to it.
  const alone = inTurn()
  const opening = <T>(work: () => Promise<T>): Promise<T> => alone(() => patiently(NEVER, work))

  const known = (file: string, now: Stats | undefined): Opened | undefined => {
    const then = opened.get(file)
    if (then !== undefined && (now?.ino !== then.file.ino || now.dev !== then.file.dev))
      throw new FilesChanged()
    return then
  }

  const open = async (file: string): Promise<Opened> => {
    const connection = connect(file)
    await connection.execute(SETTINGS)
    const one = { connection, file: statSync(file), made: false }
    opened.set(file, one)
    return one
  }

  /** One that is there, and has our tables. */
  const find = async (file: string): Promise<Connection | undefined> => {
    const now = statSync(file, { throwIfNoEntry: false })
    const there = known(file, now)
    if (there === undefined && (now === undefined || now.size === 0)) return undefined
    const one = there ?? (await open(file))
    one.made ||= await isMade(one.connection)
    return one.made ? one.connection : undefined
  }

  const make = async (file: string, tables: string): Promise<Connection> => {
    const there = await find(file)
    if (there !== undefined) return there
    const one = opened.get(file) ?? (await open(file))
    const { connection } = one
    await connection.execute(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = WAL`)
    await connection.transaction('write', NEVER, () =>
      connection.execute(`${tables} PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${FORM}`),
    )
    one.made = true
    return connection
  }

  const fileOf = (number: number): string => `${path}.g${number}`
  return {
    catalog: () => opening(() => find(path)),
    makeCatalog: () => opening(() => make(path, tables)),
    generation: number => opening(() => find(fileOf(number))),
    beside: async number => {
      const connection = connect(fileOf(number))
      await connection.execute(SETTINGS)
      return connection
    },
    makeGeneration: async (number, tables) => {
      await opening(() => make(fileOf(number), tables))
    },
    keepGenerations: numbers => {
      const [folder, own] = [dirname(path), `${basename(path)}.g`]
      for (const name of readdirSync(folder)) {
        const number = /^(\d+)(-wal|-shm)?$/.exec(name.startsWith(own) ? name.slice(own.length) : '')?.[1]
        if (number !== undefined && !numbers.has(Number(number))) rmSync(join(folder, name), { force: true })
      }
    },
    close: () => {
      for (const { connection } of opened.values()) connection.close()
    },
  }
}

/** Whether our tables are in it. What is somebody else's is not touched. */
const isMade = async (connection: Connection): Promise<boolean> => {
  const [application, form, tables] = (
    await connection.all({
      text: `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
        FROM pragma_application_id, pragma_user_version`,
      values: [],
    })
  )[0] as [number, number, number]
  if (application === 0 && form === 0 && tables === 0) return false
  if (application !== APPLICATION) throw new IndexError('NOT_AN_INDEX')
  if (form > FORM) throw new IndexError('NEWER_FORM')
  return true
}
