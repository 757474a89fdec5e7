/**
 * Readers of JSON documents: each takes what `JSON.parse` gave and makes a value of it, or throws. They are made of one another,
 * as documents are.
 *
 * An object may be one of Nova's (`nova_object`): then it stands in an envelope that says its version. Every minor version reads
 * alike, a field that is not known is passed over. Of another major version nothing is known: that is an error, but
 * only where the object is read.
 *
 * @module
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: Json
}

/** Makes a value of a part of a document; undefined is a part that is not there. Throws on what it can't read. */
export type Reader<T> = (value: unknown) => T

const ofType =
  <T>(type: string): Reader<T> =>
  value => {
    if (typeof value !== type) throw new TypeError(`no ${type}`)
    return value as T
  }

export const text = ofType<string>('string')
export const number = ofType<number>('number')
export const flag = ofType<boolean>('boolean')

/** Something else for what is null or missing. */
export const or =
  <T, F>(read: Reader<T>, fallback: F): Reader<T | F> =>
  value =>
    value === null || value === undefined ? fallback : read(value)

export const listOf =
  <T>(read: Reader<T>): Reader<readonly T[]> =>
  value => {
    if (!Array.isArray(value)) throw new TypeError('no list')
    return value.map(read)
  }

/** An object whose members are all alike. */
export const mapOf =
  <T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  value =>
    Object.fromEntries(Object.entries(membersOf(value)).map(([name, it]) => [name, read(it)]))

/** An object with these members. */
export const object =
  <T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> =>
  value => {
    const members = membersOf(value)
    const read = Object.entries(readers as Record<string, Reader<unknown>>)
    return Object.fromEntries(read.map(([name, of]) => [name, of(members[name])])) as T
  }

/** One member of an object. */
export const member =
  <T>(name: string, read: Reader<T>): Reader<T> =>
  value =>
    read(membersOf(value)[name])

/** The name of one of Nova's classes. */
export const className: Reader<string> = value => text((value as Envelope | undefined)?.['nova_object.name'])

/** Whatever it is, without any envelope. */
export const anything: Reader<Json> = value => {
  if (Array.isArray(value)) return value.map(anything)
  return typeof value === 'object' && value !== null ? mapOf(anything)(value) : (value as Json)
}

/** An object with whatever members, without any envelope. */
export const anyObject: Reader<JsonObject> = mapOf(anything)

interface Envelope {
  readonly 'nova_object.name'?: unknown
  readonly 'nova_object.version'?: unknown
  readonly 'nova_object.data'?: unknown
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object')
  const { 'nova_object.data': data, 'nova_object.version': version } = value as Envelope
  if (data === undefined) return value as Readonly<Record<string, unknown>>
  if (!/^1\.\d+$/.test(String(version))) throw new TypeError('a major version that is not known')
  return membersOf(data)
}
