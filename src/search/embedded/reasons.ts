/** SQLite's primary result codes that an index has a name for (sqlite.org/rescode.html). */
const REASONS: Readonly<Record<number, string>> = {
  3: 'DENIED', // PERM
  5: 'BUSY',
  6: 'BUSY', // LOCKED
  8: 'DENIED', // READONLY
  11: 'CORRUPT',
  13: 'DISK_FULL',
  14: 'UNREACHABLE', // CANTOPEN
  18: 'REFUSED', // TOOBIG
  26: 'CORRUPT', // NOTADB
}

/** The same of what the file system says. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'DENIED',
  EPERM: 'DENIED',
  ENOTDIR: 'UNREACHABLE',
  ENOSPC: 'DISK_FULL',
}

/** What a statement may be too much of. */
const TOO_MUCH = /too (large|complex|many|big)/

/** How the driver says that a file can't be opened: without any code, but with the path. */
const UNOPENED = /^ConnectionFailed\(.*: (\d+)"\)$/s

/** A symbol for what went wrong. Messages may hold paths and values. */
export const reasonOf = (error: unknown): string => {
  const { code, rawCode, message } = error as { code?: string; rawCode?: number; message: string }
  const raw = rawCode ?? Number(UNOPENED.exec(message)?.[1])
  if (raw === 1 && TOO_MUCH.test(message)) return 'REFUSED'
  return REASONS[raw & 0xff] ?? SYSTEM[code!] ?? code ?? 'UNKNOWN'
}

/** Symbols of what may be over once the file is opened anew: that it was replaced, or mended. */
export const isOfFile = (reason: string): boolean =>
  ['CORRUPT', 'DENIED', 'UNREACHABLE'].includes(reason) || reason.startsWith('SQLITE_IOERR')
