import { type LocalServer, type ServerOptions, startServer } from './server.js'

/** What a private MariaDB server is started with. */
export type MariaDBOptions = ServerOptions

/** A private, throw-away MariaDB server. */
export type MariaDB = LocalServer

/**
 * Starts a private MariaDB server with an empty data folder under `os.tmpdir()`, in about half a second. Needs
 * `mariadbd` and `mariadb-install-db` on this host; no system database is touched, no privileges are needed.
 *
 * ```ts
 * await using server = await startMariaDB()
 * await server.query('CREATE DATABASE shop')
 * ```
 *
 * @throws TestingError with code `mariadb-not-found` when there is no server on this host: install Debian's
 * `mariadb-server` or set `CROSSCELL_MARIADBD` to the path of a `mariadbd`
 * @throws TestingError with code `mariadb-failed` when it ends or does not answer in time
 */
export const startMariaDB = (options: MariaDBOptions = {}): Promise<MariaDB> =>
  startServer({ ...options, kind: 'mariadb' })
