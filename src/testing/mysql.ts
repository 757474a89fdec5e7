import { type LocalServer, type ServerOptions, startServer } from './server.js'

/**
 * Starts a private MySQL server with an empty data folder under `os.tmpdir()`, in about three seconds. Its character
 * set and collation are MySQL's own (`utf8mb4_0900_ai_ci`). No system database is touched, no privileges are needed.
 *
 * @throws TestingError with code `mysql-not-found` when there is no server on this host: set `CROSSCELL_MYSQLD` to the
 * path of a `mysqld`
 * @throws TestingError with code `mysql-failed` when it ends or does not answer in time
 */
export const startMySQL = (options: ServerOptions = {}): Promise<LocalServer> =>
  startServer({ ...options, kind: 'mysql' })
