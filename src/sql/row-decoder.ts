import { type ColumnKind, decoders, type Value } from './codec.js'
import { name, type SqlValue } from './fragment.js'

/** Makes a record of a selected row. */
export type RowDecoder = (row: readonly SqlValue[]) => Record<string, Value>

/** One member of a record: a column, and where in a selected row it is. */
export interface Member {
  readonly column: string
  readonly kind: ColumnKind
  readonly slot: number
}

/**
 * The decoder of records with these members, in their sequence. It is compiled, as the driver's own parsers are: that makes a record
 * eight times as fast as a loop that adds one property after the other (52 columns: 0.15 µs against 1.2 µs). Why a constructor:
 * docs/adr/0008-full-rows.md. Names are a resource's own, and can be nothing but names.
 */
export const rowDecoder = (members: readonly Member[]): RowDecoder => {
  const assignments = members.map(({ column, kind, slot }) => {
    const raw = `row[${slot}]`
    const value = decoders[kind] === undefined ? raw : `${raw} === null ? null : ${kind}(${raw})`
    return `this.${name(column).text.slice(1, -1)} = ${value}`
  })
  const code = `const { ${Object.keys(decoders).join(', ')} } = decoders
function Row(row) { ${assignments.join('\n')} }
Row.prototype = Object.prototype
return row => new Row(row)`
  return new Function('decoders', code)(decoders)
}
