import { stringify } from 'csv-stringify/sync'
import type { FromCell } from '../resources/query.js'
import { type TableLook, tablePrinter } from './table.js'

/** One record, of whatever columns, with its cell. */
export type Row = FromCell

/** Blocks of records, each of bounded size. The first may be empty: it is the whole answer then. */
export type Blocks = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>

type Format = (blocks: Blocks, look: TableLook) => AsyncIterable<string>

const column = (row: Row, name: string): unknown =>
  name === 'cell' ? row.cell.name : (row as Row & Readonly<Record<string, unknown>>)[name]

async function* table(blocks: Blocks, look: TableLook): AsyncIterable<string> {
  const print = tablePrinter(look)
  const text = (value: unknown): string | null => (value === null ? null : String(value))
  for await (const block of blocks)
    yield print(block.map(row => look.columns.map(name => text(column(row, name)))))
}

async function* json(blocks: Blocks): AsyncIterable<string> {
  let before = '['
  for await (const block of blocks) {
    if (block.length === 0) continue
    yield `${before}\n${block.map(row => JSON.stringify(row)).join(',\n')}`
    before = ','
  }
  yield before === '[' ? '[]\n' : '\n]\n'
}

async function* ndjson(blocks: Blocks): AsyncIterable<string> {
  for await (const block of blocks) yield block.map(row => `${JSON.stringify(row)}\n`).join('')
}

async function* csv(blocks: Blocks, { columns }: TableLook): AsyncIterable<string> {
  let head = [columns]
  for await (const block of blocks) {
    yield stringify([...head, ...block.map(row => columns.map(name => column(row, name)))], {
      quoted_empty: true,
      cast: { boolean: String, null: () => ({ value: '', quoted_empty: false }) },
    })
    head = []
  }
}

/** How records become text, one block after the other. */
export const formats = { table, json, ndjson, csv } satisfies Readonly<Record<string, Format>>

/** What `--format` takes. */
export type FormatName = keyof typeof formats
