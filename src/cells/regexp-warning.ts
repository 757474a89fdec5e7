import { atOnce, type Run } from './send.js'

/** Whether a statement compares with a regular expression of a caller's. */
export const hasRegexp = (text: string): boolean => text.includes(' REGEXP ?')

/** What MariaDB says of regular expressions, be it an error or a warning. */
const REGEXP_ERROR = { code: 'ER_REGEXP_ERROR', errno: 1139 }

/**
 * The same, where a match that was given up is an error. MariaDB gives up on a row after some steps, takes it for one that does not
 * match, and says so in a warning alone: the answer would be without it. MySQL makes an error of that by itself.
 */
export const heedingWarnings =
  (run: Run): Run =>
  (line, options, done) =>
    run(line, options, (error, rows) => {
      if (error !== null) return done(error)
      atOnce(line, { sql: 'SHOW WARNINGS', rowsAsArray: true }, (error, warnings = []) => {
        const wasGivenUp = warnings.some(([, code]) => code === REGEXP_ERROR.errno)
        done(wasGivenUp ? REGEXP_ERROR : error, rows)
      })
    })
