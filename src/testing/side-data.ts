/**
 * What the side tables of a cell are drawn from: the rows of `instances`, by the name `i`.
 *
 * @module
 */
import { hash, insert, text } from './sql-text.js'

/** Uniform in [0, 1), another one for each instance, `what` and, with `k`, for each of an instance's rows. */
export const draw = (what: string, k = "''"): string =>
  `CONV(SUBSTR(${hash(`CONCAT(i.uuid, ${text(what)}, ${k})`)}, 1, 4), 16, 10) / 65536`

/** As {@link draw}, and cheaper: four of the digits that a version 4 uuid draws, which begin at 1, 5, 25, 29 or 33. */
export const digits = (at: 1 | 5 | 25 | 29 | 33): string => `CONV(SUBSTR(i.uuid, ${at}, 4), 16, 10) / 65536`

/** Another uuid for each instance and `four` hex digits, of which the instance's own makes the rest. */
export const kin = (four: string): string => `INSERT(i.uuid, 1, 4, ${four})`

/** The rows numbered 1 to `rows`, as `k.k`. */
const numbered = (rows: number): string =>
  Array.from({ length: rows }, (_, at) => `SELECT ${at + 1}${at === 0 ? ' AS k' : ''}`).join(' UNION ALL ')

/**
 * One statement that makes up to `rows` rows for each instance, as far as `where` holds. Their ids are next to each other, so that
 * they don't depend on the order of the scan. They were made with their instance and are deleted with it, each with its own id.
 */
export const belonging = (
  table: string,
  rows: number,
  columns: Readonly<Record<string, string>>,
  { where = 'TRUE', created = 'i.created_at' } = {},
): string => {
  const id = `(i.id - 1) * ${rows} + k.k`
  const life = {
    created_at: created,
    updated_at: 'NULL',
    deleted_at: 'IF(i.deleted = 0, NULL, i.deleted_at)',
    deleted: `IF(i.deleted = 0, 0, ${id})`,
    id,
    instance_uuid: 'i.uuid',
  }
  return insert(
    table,
    { ...life, ...columns },
    `instances AS i CROSS JOIN (${numbered(rows)}) AS k WHERE ${where}`,
  )
}

/**
 * The instances of the last seven months, three in ten. Only they have what takes long to fill: block devices, actions and
 * request specs.
 */
export const IS_RECENT = "i.created_at >= '2026-01-01'"

/** One of Nova's objects as it is kept in JSON, for `json`. */
export const novaObject = (name: string, version: string, data: object): object => ({
  'nova_object.name': name,
  'nova_object.namespace': 'nova',
  'nova_object.version': version,
  'nova_object.data': data,
})

/** The number of a compute host, from 0 to 39. */
export const hostNumber = (host: string): string => `CAST(RIGHT(${host}, 3) AS UNSIGNED)`
