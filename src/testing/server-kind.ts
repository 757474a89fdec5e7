import { InvalidOptionError } from '../errors.js'
import { type Binaries, findMariaDB, findMySQL } from './binaries.js'

/** The make of a private server. */
export type ServerKind = 'mariadb' | 'mysql'

/** What is different from make to make. */
export interface Make {
  readonly label: string
  readonly find: (env: NodeJS.ProcessEnv) => Binaries
  /** What the first data folder is made with, beside its place. No word holds a space. */
  readonly install: readonly string[]
  readonly settings: readonly string[]
}

const COMMON = [
  '--skip-log-bin',
  // 2, not 0: what was committed reaches the kernel, so that it outlives kill().
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-doublewrite=OFF',
  '--performance-schema=OFF',
  '--default-time-zone=+00:00',
]

// Both without TLS, as MariaDB is by itself. MySQL keeps its own character set and collation, which are news to Nova.
const MYSQL = [...COMMON, '--mysqlx=OFF', '--secure-file-priv=', '--auto-generate-certs=OFF']

export const MAKES: Readonly<Record<ServerKind, Make>> = {
  mariadb: {
    label: 'MariaDB',
    find: findMariaDB,
    install: ['--auth-root-authentication-method=normal', '--skip-test-db'],
    settings: [
      ...COMMON,
      '--innodb-sort-buffer-size=64M',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_general_ci',
    ],
  },
  mysql: {
    label: 'MySQL',
    find: findMySQL,
    install: ['--initialize-insecure', ...MYSQL],
    settings: [...MYSQL, '--innodb-sort-buffer-size=64M'],
  },
}

/** The make that tests use where they don't say: `CROSSCELL_TEST_SERVER`, else MariaDB. */
export const defaultKind = ({ CROSSCELL_TEST_SERVER: kind }: NodeJS.ProcessEnv): ServerKind => {
  if (!kind) return 'mariadb'
  if (!Object.hasOwn(MAKES, kind))
    throw new InvalidOptionError('/kind', `${kind} in CROSSCELL_TEST_SERVER`, Object.keys(MAKES).join(' or '))
  return kind as ServerKind
}
