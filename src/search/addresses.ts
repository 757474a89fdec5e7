import { parseNetwork } from '../sql/address.js'
import type { IndexDocument } from './search-index.js'

/**
 * The addresses at a path of a JSON document, as MariaDB and MySQL find them: none in one that is no JSON. Of what is no address so
 * much is kept as addresses begin with.
 */
export const addressesAt = (path: string, document: string): IndexDocument['addresses'] => {
  let all: unknown[]
  try {
    all = [JSON.parse(document)]
  } catch {
    return []
  }
  for (const [step] of path.matchAll(/\.\w+|\[\*\]/g))
    all = step === '[*]' ? all.filter(Array.isArray).flat() : membersOf(all, step.slice(1))
  return membersOf(all, 'address')
    .filter(address => address !== null && typeof address !== 'object')
    .map(address => ({
      digits: digitsOf(String(address)),
      text: /^[0-9a-f.:]*/i.exec(String(address))![0].toLowerCase(),
    }))
}

const membersOf = (all: readonly unknown[], name: string): unknown[] =>
  all.flatMap(one =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && Object.hasOwn(one, name)
      ? [(one as Readonly<Record<string, unknown>>)[name]]
      : [],
  )

/** What the servers' INET6_ATON gives, in hexadecimal digits; empty where it gives NULL. */
const digitsOf = (text: string): string => ipv4(text) ?? ipv6(text) ?? ''

const ipv4 = (text: string): string | undefined => {
  const bytes = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : []
  if (bytes.length === 0 || bytes.some(byte => byte > 255)) return undefined
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join('')
}

const ipv6 = (text: string): string | undefined => {
  const [, groups, last] = /^(.*:)(\d+\.[\d.]+)$/.exec(text) ?? []
  const low = last && ipv4(last)
  const whole = low ? `${groups}${low.slice(0, 4)}:${low.slice(4)}` : text
  return text.length > LONGEST || !whole.includes(':') || whole.includes('/')
    ? undefined
    : parseNetwork(whole)?.first
}

/** The servers take an IPv4 address at the end for longer than they allow, where the groups before it are written out. */
const LONGEST = 39
