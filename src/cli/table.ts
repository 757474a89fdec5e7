import Table from 'cli-table3'
import { printable } from './printable.js'

/** How a table looks. */
export interface TableLook {
  readonly columns: readonly string[]
  /** Where the terminal's lines end; Infinity when it is no terminal. */
  readonly width: number
  readonly colours: boolean
}

/** The text of each column of a row; null is shown as NULL. */
export type TextRow = readonly (string | null)[]

/** Columns that are worth nothing when they are cut short. */
const WHOLE = new Set(['uuid'])
const LEAST = 4
const GAP = '  '
const NULL = '-'

const sides = ['top', 'bottom', 'left', 'mid', 'right']
const joints = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right']
const crossings = ['left-mid', 'mid-mid', 'right-mid']
const NO_LINES = Object.fromEntries([...sides, ...joints, ...crossings].map(name => [name, '']))

const dim = (text: string): string => `\x1b[2m${text}\x1b[22m`
const bold = (text: string): string => `\x1b[1m${text}\x1b[22m`

/** Prints blocks of rows as one table; its columns only ever become wider. The first block has the header. */
export const tablePrinter = ({
  columns,
  width,
  colours,
}: TableLook): ((rows: readonly TextRow[]) => string) => {
  let natural = columns.map(room)
  let header = true
  return rows => {
    const texts = rows.map(row => row.map(text => (text === null ? null : printable(text))))
    natural = natural.map((least, i) => texts.reduce((most, row) => Math.max(most, room(row[i]!)), least))
    const table = new Table({
      head: header ? columns.map(name => (colours ? bold(name) : name)) : [],
      colWidths: fit(natural, columns, width),
      chars: { ...NO_LINES, middle: GAP },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    })
    header = false
    const nothing = colours ? dim(NULL) : NULL
    table.push(...texts.map(row => row.map(text => text ?? nothing)))
    return table.toString().replace(/ *$/gm, '').concat('\n')
  }
}

/**
 * How many places a text takes at the most. No character before U+1100 takes two, and none takes more than its
 * UTF-16 code units do here; exact widths would cost more than all the rest.
 */
const room = (text: string | null): number =>
  text === null ? NULL.length : text.length + (text.match(/[\u1100-\uffff]/g)?.length ?? 0)

/** Takes from the widest column until the line fits, or nothing can be taken any more. */
const fit = (natural: readonly number[], columns: readonly string[], width: number): number[] => {
  const widths = [...natural]
  const mayShrink = (i: number): boolean => !WHOLE.has(columns[i]!) && widths[i]! > LEAST
  for (;;) {
    const sum = widths.reduce((total, it) => total + it, GAP.length * (widths.length - 1))
    const most = Math.max(...widths.filter((_, i) => mayShrink(i)))
    if (sum <= width || most === -Infinity) return widths
    widths[widths.findLastIndex((it, i) => it === most && mayShrink(i))]!--
  }
}
