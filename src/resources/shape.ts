import { InvalidResourceError } from '../errors.js'

/** Checks a part of a definition. `path`: where it is. */
export type Shape = (value: unknown, path: string) => void

/** What {@link members} is given for a member that may be missing. */
export interface Optional {
  readonly optional: Shape
}

/** Members of the longest list. */
const MOST = 10_000

const refuse = (path: string, expected: string): never => {
  throw new InvalidResourceError(path, 'got something else', expected)
}

export const that =
  (holds: (value: unknown) => boolean, expected: string): Shape =>
  (value, path) => {
    if (!holds(value)) refuse(path, expected)
  }

/** What is not well-formed is no name of anything. */
export const text = that(value => typeof value === 'string' && value.isWellFormed(), 'a text')

export const oneOf = (...values: readonly unknown[]): Shape =>
  that(value => values.includes(value), `one of ${values.join(', ')}`)

export const listOf =
  (shape: Shape, least = 0): Shape =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > MOST)
      return refuse(path, `a list of ${least} to ${MOST}`)
    for (const [i, member] of value.entries()) shape(member, `${path}/${i}`)
  }

/** A list of different values. */
export const setOf =
  (shape: Shape, least = 0): Shape =>
  (value, path) => {
    listOf(shape, least)(value, path)
    const all = value as readonly unknown[]
    const again = all.findIndex((member, i) => all.indexOf(member) < i)
    if (again >= 0) refuse(`${path}/${again}`, 'each of them once')
  }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (path: string, name: string): string => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** An object with any members, all alike. `names`: of what its members' names are. */
export const recordOf =
  (shape: Shape, names: Shape = text): Shape =>
  (value, path) => {
    if (!isObject(value)) return refuse(path, 'an object')
    for (const [name, member] of Object.entries(value)) {
      names(name, at(path, name))
      shape(member, at(path, name))
    }
  }

export const optional = (shape: Shape): Optional => ({ optional: shape })

/** An object with these members and no others: what is misspelt would do nothing. A member that is undefined is missing. */
export const members =
  (shapes: Readonly<Record<string, Shape | Optional>>): Shape =>
  (value, path) => {
    if (!isObject(value)) return refuse(path, 'an object')
    for (const [name, member] of Object.entries(value))
      if (member !== undefined && !Object.hasOwn(shapes, name))
        refuse(at(path, name), `one of ${Object.keys(shapes).join(', ')}`)
    for (const [name, shape] of Object.entries(shapes))
      if (typeof shape === 'function') shape(value[name], at(path, name))
      else if (value[name] !== undefined) shape.optional(value[name], at(path, name))
  }

/** An object of which one member tells what its other members are. */
export const variants =
  (tells: string, others: Readonly<Record<string, Readonly<Record<string, Shape | Optional>>>>): Shape =>
  (value, path) => {
    if (!isObject(value)) return refuse(path, 'an object')
    const which = value[tells]
    if (typeof which !== 'string' || !Object.hasOwn(others, which))
      return refuse(at(path, tells), `one of ${Object.keys(others).join(', ')}`)
    members({ [tells]: oneOf(which), ...others[which] })(value, path)
  }
