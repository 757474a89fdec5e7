/** A string as an SQL literal. */
export const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const literal = (value: string | number | null): string =>
  typeof value === 'string' ? text(value) : value === null ? 'NULL' : String(value)

/** 32 hex digits that depend on all of `sql`. Not MD5: MySQL has it only as a component from 9.6 on. */
export const hash = (sql: string): string => `SUBSTR(SHA2(${sql}, 256), 1, 32)`

/** One of `values`, each as likely as any other; `draw` is uniform in [0, 1). */
export const oneOf = (draw: string, values: readonly (string | number)[]): string =>
  `ELT(1 + FLOOR(${draw} * ${values.length}), ${values.map(literal).join(', ')})`

/** One of `choices` by the share it has; the last one takes what is left of 1. */
export const byShare = (
  draw: string,
  choices: readonly (readonly [share: number, value: string | null])[],
): string => {
  let sum = 0
  const cases = choices.slice(0, -1).map(([share, value]) => {
    sum += share
    return `WHEN ${draw} < ${sum.toFixed(4)} THEN ${literal(value)}`
  })
  return `CASE ${cases.join(' ')} ELSE ${literal(choices.at(-1)![1])} END`
}

/** Whole numbers from 0 to `count` - 1 as a derived table's SELECT with the column `n`, on any server. */
export const numbers = (count: number): string => {
  const digits = Array.from({ length: 10 }, (_, d) => `SELECT ${d}${d === 0 ? ' AS d' : ''}`).join(
    ' UNION ALL ',
  )
  const places = Array.from({ length: Math.max(1, String(count - 1).length) }, (_, at) => `p${at}`)
  const sum = places.map((place, at) => `${place}.d * ${10 ** at}`).join(' + ')
  return `SELECT ${sum} AS n FROM ${places.map(p => `(${digits}) AS ${p}`).join(', ')} HAVING n < ${count}`
}

/**
 * Adds columns to a SELECT of `count` rows, step by step: the expressions of a step may use the columns before it.
 * The limits cut nothing off: they keep the optimizer from merging the steps, which would evaluate an expression
 * again at each of its uses (four times slower).
 */
export const steps = (
  count: number,
  from: string,
  ...added: readonly Readonly<Record<string, string>>[]
): string =>
  added.reduce((inner, columns, at) => {
    const list = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`)
    return `SELECT *, ${list.join(', ')} FROM (${inner}) AS step${at} LIMIT ${count}`
  }, from)

/** `INSERT … SELECT` with a name for every expression. */
export const insert = (table: string, columns: Readonly<Record<string, string>>, from: string): string =>
  `INSERT INTO ${table} (${Object.keys(columns)
    .map(name => `\`${name}\``)
    .join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM ${from}`

/**
 * JSON text as an SQL expression. A string that starts with `=` is an expression whose value becomes that
 * string, one that starts with `@` an expression whose value is JSON already.
 */
export const json = (value: unknown): string => {
  const expressions: string[] = []
  const template = JSON.stringify(value, (_key, it: unknown) =>
    typeof it === 'string' && /^[=@]/.test(it) ? `\0${expressions.push(it) - 1}` : it,
  )
  const sql = template.split(/"\\u0000(\d+)"/).map((part, at) => {
    if (at % 2 === 0) return text(part)
    const it = expressions[Number(part)]!
    return it.startsWith('@') ? it.slice(1) : `'"', ${it.slice(1)}, '"'`
  })
  return `CONCAT(${sql.join(', ')})`
}
