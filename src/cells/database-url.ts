import { InvalidUrlError } from '../errors.js'

/** Where a cell database is, as a driver wants it. */
export interface DatabaseAddress {
  readonly host?: string
  readonly port?: number
  readonly socketPath?: string
  readonly user?: string
  readonly password?: string
  readonly database: string
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
  // The other parameters speak to a Python driver: charset, timeouts, TLS files on another machine.
  const socketPath = new URLSearchParams(parts.query ?? '').get('unix_socket') ?? undefined
  const port = parts.port ? Number(parts.port) : undefined
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new InvalidUrlError(path, EXPECTED)
  return {
    ...(socketPath === undefined
      ? { host: parts.ipv6 ?? parts.host ?? 'localhost', port: port ?? 3306 }
      : { socketPath }),
    ...(parts.user ? { user: decode(parts.user, path) } : {}),
    ...(parts.password === undefined ? {} : { password: decode(parts.password, path) }),
    database: parts.database,
  }
}

const decode = (text: string, path: string): string => {
  // Python's unquote leaves a stray '%' alone where decodeURIComponent throws.
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch (cause) {
    throw new InvalidUrlError(path, EXPECTED, { cause })
  }
}
