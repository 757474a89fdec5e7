/** What `crosscell/testing` throws: an `Error` with a literal `code`. Switch on it, not on messages. */
export interface TestingError<Code extends string = TestingErrorCode> extends Error {
  readonly code: Code
}

/**
 * - `mariadb-not-found`, `mysql-not-found`: there is no such server on this host
 * - `mariadb-failed`, `mysql-failed`: the server did not start; the message ends with the last lines of its log
 * - `shared-server`: one cell can't be stopped when all of them share a server
 * - `unknown-cell`: no cell has that name
 */
export type TestingErrorCode =
  | `${'mariadb' | 'mysql'}-${'not-found' | 'failed'}`
  | 'shared-server'
  | 'unknown-cell'

export const failure = <Code extends TestingErrorCode>(
  code: Code,
  message: string,
  options?: ErrorOptions,
): TestingError<Code> => Object.assign(new Error(message, options), { code })
