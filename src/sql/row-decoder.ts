import { type ColumnKind, decoders, type Value } from './codec.js'
import { name, type SqlValue } from './fragment.js'

/** Makes a record of a selected row, whose columns begin at `from`. */
export type RowDecoder = (row: readonly SqlValue[], from: number) => Record<string, Value>

/**
 * The decoder of some columns, in their sequence. It is compiled, as the driver's own parsers are: one object literal makes a
 * record four times as fast as a loop that adds one property after the other (52 columns: 0.3 µs against 1.2 µs).
 * Names are a resource's own, and can be nothing but names.
 */
export const rowDecoder = (columns: readonly (readonly [column: string, kind: ColumnKind])[]): RowDecoder => {
  const members = columns.map(([column, kind], i) => {
    const raw = `row[from + ${i}]`
    const value = decoders[kind] === undefined ? raw : `${raw} === null ? null : ${kind}(${raw})`
    return `this.${name(column).text.slice(1, -1)} = ${value}`
  })
  const code = `const { ${Object.keys(decoders).join(', ')} } = decoders
function Row(row, from) { ${members.join('\n')} }
Row.prototype = Object.prototype
return (row, from) => new Row(row, from)`
  return new Function('decoders', code)(decoders)
}
