import { CellFailedError } from '../errors.js'
import { join, name, type Sql, sql } from '../sql/fragment.js'
import type { Database } from './connection.js'

/** How a server compares text under one collation. */
export interface Collation {
  readonly charset: string
  readonly name: string
}

/** What is needed to compare two weights of a collation as the server compares the texts. */
export interface Weighing {
  /** The weight of one space under PAD SPACE, one code unit per byte; empty under NO PAD. */
  readonly pad: string
  /**
   * The text must be weighed at its column's full length. Collations of several levels (accents, then case)
   * list the weights level by level; under PAD SPACE each level is compared padded, so each must come padded.
   */
  readonly full: boolean
}

/**
 * Collations by which a server's own `ORDER BY`, its comparisons and its `WEIGHT_STRING` contradict each other
 * (MariaDB 10.11: 260 of 1,241; see docs/adr/0003-text-order.md and test/cells/collation.test.ts). No merge of
 * two cells can be exact by them.
 */
const CONTRADICTORY =
  /_nopad_a[is]_cs$|^ucs2_uca1400(_.*)?_as_cs$|^big5_chinese|^latin7_(estonian|general)|^cp1250_czech_cs$|^gb18030_chinese_ci$/

/** Whether cells can be merged in the order of this collation. */
export const comparable = (collation: string): boolean => !CONTRADICTORY.test(collation)

/** `text` as the collation sees it. */
export const collate = (text: Sql, { charset, name: collation }: Collation): Sql =>
  sql`CONVERT(${text} USING ${bare(charset)}) COLLATE ${bare(collation)}`

/**
 * Whether a collation orders what the other can hold alike, and by the same weights, and more than that. That is known of
 * Nova's own: of its databases' utf8mb3, which older servers call utf8, and utf8mb4 in its place.
 */
export const isWiderForm = (wider: string, collation: string): boolean =>
  wider === 'utf8mb4_general_ci' && (collation === 'utf8mb3_general_ci' || collation === 'utf8_general_ci')

/** The weights of a text: what {@link Weighing} tells how to compare. */
export const weightOf = (text: Sql, { full }: Weighing, length: number): Sql =>
  full ? sql`WEIGHT_STRING(${text} AS CHAR(${bare(String(length))}))` : sql`WEIGHT_STRING(${text})`

/** Asks a server how it pads and weighs. */
export const readWeighing = async (
  database: Pick<Database, 'query'>,
  collation: Collation,
  signal: AbortSignal,
): Promise<Weighing> => {
  const [a, b, ab, space, padded] = ['a', 'b', 'ab', ' ', 'a '].map(text =>
    collate(sql`${text}`, collation),
  ) as Five
  const rows = await database.query(
    sql`SELECT ${a} = ${padded}, WEIGHT_STRING(${space}), WEIGHT_STRING(${ab}) = CONCAT(WEIGHT_STRING(${a}), WEIGHT_STRING(${b}))`,
    signal,
  )
  const [pads, weight, oneLevel] = rows[0]! as [number, Buffer, number]
  const full = pads === 1 && oneLevel === 0
  return { pad: pads === 1 && !full ? weight.toString('latin1') : '', full }
}

type Five = [Sql, Sql, Sql, Sql, Sql]

/**
 * A digest of the weights of all characters of the basic plane and of texts with accents, contractions and
 * spaces. Servers of different make or version that agree on it order text alike; undefined when the server
 * does not have the collation.
 */
export const readFingerprint = async (
  database: Pick<Database, 'query'>,
  collation: Collation,
  signal: AbortSignal,
): Promise<string | undefined> => {
  try {
    const { pad, full } = await readWeighing(database, collation, signal)
    const weights = [basicPlane(), TEXTS].map(text => sql`WEIGHT_STRING(${collate(sql`${text}`, collation)})`)
    const rows = await database.query(sql`SELECT SHA2(CONCAT(${join(weights, ', ')}), 256)`, signal)
    return `${rows[0]![0]} ${Buffer.from(pad, 'latin1').toString('hex')} ${full}`
  } catch (error) {
    if (error instanceof CellFailedError && error.cell.reason === 'ER_UNKNOWN_COLLATION') return undefined
    throw error
  }
}

const basicPlane = (): string =>
  Array.from({ length: 0xffff }, (_, i) => String.fromCharCode(i + 1))
    .filter(character => character.isWellFormed())
    .join(' ')

const TEXTS = 'lJ nJ d\u017d e\u0301 \u00e9 ch dz lj ss \u00df ll aa \ufb01 a\u0301\u0323 \u{1f600} \u{1d538} '

const bare = (word: string): Sql => ({ text: name(word).text.slice(1, -1), values: [] })
