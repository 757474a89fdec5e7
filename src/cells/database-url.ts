import { InvalidUrlError } from '../errors.js'

/** Where a cell database is, as a driver wants it. */
export interface DatabaseAddress {
  readonly host?: string
  readonly port?: number
  readonly socketPath?: string
  readonly user?: string
  readonly password?: string
  readonly database: string
  /** The URL asks for TLS. */
  readonly ssl?: { readonly verifyIdentity: true }
}

// SQLAlchemy's own grammar (sqlalchemy/engine/url.py, _parse_url), not WHATWG's: a password may hold
// '/', '#' and '?', user and password are percent-decoded, the database is everything up to '?'.
const GRAMMAR =
  /^(?<scheme>[\w+]+):\/\/(?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?(?:(?:\[(?<ipv6>[^/?]+)\]|(?<host>[^/:?]+))?(?::(?<port>[^/?]*))?)?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s

const EXPECTED = 'mysql[+driver]://user:password@host:port/database[?unix_socket=/path]'

/**
 * Reads a SQLAlchemy database URL as it stands in `nova.conf` or `cell_mappings.database_connection`.
 * Every `mysql` and `mariadb` dialect is taken, whatever its driver: `mysql+pymysql://` is `mysql://`.
 *
 * Never shows the URL in an error: it holds a password.
 *
 * @throws {@link InvalidUrlError} when it is no such URL or names no database
 */
export const parseDatabaseUrl = (url: string, path: string): DatabaseAddress => {
  const parts = GRAMMAR.exec(url)?.groups
  const scheme = parts?.scheme?.split('+')[0]
  if (!parts || (scheme !== 'mysql' && scheme !== 'mariadb') || !parts.database)
    throw new InvalidUrlError(path, EXPECTED)
  // The other parameters speak to a Python driver: charset, timeouts, TLS files on another machine. But what was to be reached by
  // TLS is not reached without.
  const query = new URLSearchParams(parts.query ?? '')
  const socketPath = query.get('unix_socket') ?? undefined
  const port = parts.port ? Number(parts.port) : undefined
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new InvalidUrlError(path, EXPECTED)
  return {
    ...(socketPath === undefined
      ? {
          host: parts.ipv6 ?? parts.host ?? 'localhost',
          port: port ?? 3306,
          ...([...query].some(asksForTls) && { ssl: { verifyIdentity: true } }),
        }
      : { socketPath }),
    ...(parts.user ? { user: decode(parts.user, path) } : {}),
    ...(parts.password === undefined ? {} : { password: decode(parts.password, path) }),
    database: parts.database,
  }
}

/** PyMySQL's parameters, and those of mysqlclient and MySQL Connector. */
const TLS =
  /^ssl(_(ca|capath|cert|key|cipher)=.|(_verify_cert|_verify_identity|_check_hostname)?=(?!(false|no|0|)$)|_mode=(required|verify))/i

const asksForTls = ([name, value]: readonly [string, string]): boolean => TLS.test(`${name}=${value}`)

const decode = (text: string, path: string): string => {
  // Python's unquote leaves a stray '%' alone where decodeURIComponent throws.
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch (cause) {
    throw new InvalidUrlError(path, EXPECTED, { cause })
  }
}
