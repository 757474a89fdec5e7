import type { Diagnosis } from './diagnosis.js'
import { printable } from './printable.js'

/**
 * The statements that mend what can be mended, to be pasted into the cells that they stand under, and comments about what
 * can't. Nothing when there is neither.
 */
export const remediesText = (keys: readonly Diagnosis[]): string => {
  const statements = new Map<string, string[]>()
  const comments: string[] = []
  for (const { key, cells, remedies, reason } of keys) {
    if (reason !== undefined) comments.push(printable(reason))
    for (const remedy of remedies) {
      const where = remedy.cells.length === cells ? 'every cell' : remedy.cells.map(printable).join(', ')
      if (remedy.ddl === null) comments.push(`no index helps ${key} in ${where}: ${remedy.code}`)
      else statements.set(where, [...(statements.get(where) ?? []), `${remedy.ddl};`])
    }
  }
  const blocks = [...statements].map(([where, ddl]) => [`-- in ${where}`, ...ddl])
  return [...blocks, comments.map(comment => `-- ${comment}`)]
    .filter(lines => lines.length > 0)
    .map(lines => `\n${lines.join('\n')}\n`)
    .join('')
}
