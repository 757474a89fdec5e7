import type { Shape } from '../shape.js'
import { columnsOf } from './columns.js'

/** What says that a file is one of ours: `xcel`. */
export const APPLICATION = 0x7863656c

/** Grows whenever files of before can't be read any more. */
export const FORM = 1

/** Of the file that all begins with; another process may make it at the same time. A number is never used again. */
export const CATALOG_TABLES = `
CREATE TABLE IF NOT EXISTS generations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  layout TEXT NOT NULL,
  ready INTEGER NOT NULL,
  current INTEGER NOT NULL
);`

/**
 * Of a generation.
 *
 * - `heads`: every record that was ever written, with its newest version; one that is gone has no `doc`. What a sweep looks at is all here.
 * - `docs`: what is tested and sorted by. Texts sort as they are stored, byte by byte in UTF-8, which is by code points.
 * - `members`, `sets`, `parts`: documents of one image or flavor have the same members: each set of them is kept once.
 * - `entries`: what a word or a pattern may be a part of; `words` has its trigrams. An entry that is out of date stays: what is found by
 *   trigrams is always looked at.
 * - `late`: documents whose texts have changed while all others were indexed.
 */
export const generationTables = (shape: Shape): string => {
  const columns = columnsOf(shape)
  const sources = shape.texts.map((field, i) => {
    const text = `d.t${i}`
    if (!Object.hasOwn(shape.keys, field)) return `coalesce(${text}, '')`
    const whole = columns.like(field).text
    return `CASE instr(${whole}, ${text}) WHEN 1 THEN ${whole} ELSE coalesce(${text}, '') || char(1) || coalesce(${whole}, '') END`
  })
  return `
CREATE TABLE about (shape TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE cells (cell INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE);
CREATE TABLE heads (
  cell INTEGER NOT NULL, uuid TEXT NOT NULL, version INTEGER NOT NULL, digest INTEGER NOT NULL, doc INTEGER,
  PRIMARY KEY (cell, uuid)
) WITHOUT ROWID;
CREATE TABLE docs (
  doc INTEGER PRIMARY KEY, cell INTEGER NOT NULL, uuid TEXT NOT NULL,
  ${columns.all.map(({ name, type }) => `${name} ${type}`).join(', ')}
);
CREATE TABLE records (doc INTEGER PRIMARY KEY, version INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE members (member INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (kind, text));
CREATE TABLE sets ("set" INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);
CREATE TABLE parts (member INTEGER NOT NULL, "set" INTEGER NOT NULL, PRIMARY KEY (member, "set")) WITHOUT ROWID;
CREATE TABLE addresses (place TEXT NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (place, doc)) WITHOUT ROWID;
CREATE TABLE late (doc INTEGER PRIMARY KEY);
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIEW entries AS SELECT d.doc AS doc, ${sources.join(' || char(1) || ') || "''"} AS entry FROM docs d;
CREATE VIRTUAL TABLE words ${WORDS};`
}

/** The table of trigrams. */
export const WORDS = `USING fts5 (entry, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1')`

/** An index of `docs`, and the columns that it has. */
export interface OrderIndex {
  readonly name: string
  readonly columns: readonly string[]
}

/** Indexes that give an order: the shape's, and for each owner the first of these. The number of the row is behind all. */
export const orderIndexes = (shape: Shape): readonly OrderIndex[] => {
  const columnOf = (key: string): string => `k${Object.keys(shape.keys).indexOf(key)}`
  const [usual = []] = shape.orders
  return [
    ...shape.orders.map((order, i) => ({ name: `by_order_${i}`, columns: order.map(columnOf) })),
    ...shape.owners.map((_, i) => ({ name: `by_owner_${i}`, columns: [`o${i}`, ...usual.map(columnOf)] })),
  ]
}

/** Indexes that have all that is needed to count by the keys that they begin with. */
export const countIndexes = (shape: Shape): readonly OrderIndex[] =>
  (shape.counts ?? []).map((keys, i) => ({
    name: `by_count_${i}`,
    columns: [...keys.map(key => `k${Object.keys(shape.keys).indexOf(key)}`), 'cell', 'uuid'],
  }))

/** Everything that finds documents, but for trigrams; may be done again. */
export const indexStatements = (shape: Shape): readonly string[] => [
  'INSERT OR IGNORE INTO addresses SELECT value, doc FROM docs, json_each(places) ORDER BY 1, 2',
  ...[...orderIndexes(shape), ...countIndexes(shape)].map(
    ({ name, columns }) => `CREATE INDEX IF NOT EXISTS ${name} ON docs (${columns.join(', ')})`,
  ),
  ...shape.members.map((_, i) => `CREATE INDEX IF NOT EXISTS by_members_${i} ON docs (m${i})`),
]
