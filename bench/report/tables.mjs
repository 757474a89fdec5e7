import Table from 'cli-table3'

const plain = digits => value => value.toFixed(digits)
const times = value => (value < 10 ? value.toFixed(2) : value.toFixed(0))
const ratio = ({ median, low, high }) => `${times(median)} × (${times(low)}–${times(high)})`
const ms = value => (value < 10 ? value.toFixed(2) : value.toFixed(1))
const whole = value => Math.round(value).toLocaleString('en')

/** Every figure that a work may have: what its column is called, and how it is written. */
const COLUMNS = {
  contender: ['', String],
  width: ['at a time', String],
  target: ['target', String],
  measured: ['measured', String],
  verdict: ['', String],
  rowsReturned: ['rows', whole],
  perSecond: ['requests/s', whole],
  rate: ['rows/s', whole],
  rateToFloor: ['to floor', ratio],
  p50: ['p50 ms', ms],
  p95: ['p95 ms', ms],
  waits: ['waits', String],
  near: ['p50 ms without', ms],
  toFloor: ['to floor (quartiles)', ratio],
  faster: ['crosscell is faster', ratio],
  cpuPerRow: ['CPU µs/row', plain(2)],
  fetchedFirst: ['fetched/row, new', plain(2)],
  fetchedPerRow: ['again', plain(2)],
  sentPerRow: ['sent/row', plain(2)],
  statements: ['statements', String],
  memory: ['MB', plain(1)],
  perThing: [
    'ns each (quartiles)',
    ({ median, low, high }) => `${whole(median)} (${whole(low)}–${whole(high)})`,
  ],
  runs: ['runs', String],
  note: ['', String],
}

/** The table of a result, for a terminal and as Markdown. A figure that nobody has has no column. */
export const tableOf = ({ measures }) => {
  const keys = Object.keys(COLUMNS).filter(key => measures.some(measure => measure[key] !== undefined))
  const head = keys.map(key => COLUMNS[key][0])
  const rows = measures.map(measure =>
    keys.map(key => (measure[key] === undefined ? '' : COLUMNS[key][1](measure[key]))),
  )
  const table = new Table({
    head,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  table.push(...rows)
  const line = cells => `| ${cells.join(' | ')} |`
  const rule = keys.map((key, at) => (at === 0 || ['note', 'target', 'verdict'].includes(key) ? '---' : '---:'))
  return { text: table.toString(), markdown: [line(head), line(rule), ...rows.map(line)].join('\n') }
}
