/** The first and the last address of a network, each as hexadecimal digits: 8 of them for IPv4, 32 for IPv6. */
export interface AddressRange {
  readonly first: string
  readonly last: string
}

/** Reads an address, or a network in CIDR notation. Undefined when it is neither. */
export const parseNetwork = (text: string): AddressRange | undefined => {
  const [address = '', bits, ...rest] = text.split('/')
  const digits = address.includes(':') ? ipv6(address) : ipv4(address)
  if (digits === undefined || rest.length > 0) return undefined
  const width = digits.length * 4
  if (bits === undefined) return { first: digits, last: digits }
  const prefix = Number(bits)
  if (!/^\d{1,3}$/.test(bits) || prefix > width) return undefined
  const hosts = (1n << BigInt(width - prefix)) - 1n
  const first = BigInt(`0x${digits}`) & ~hosts
  const hex = (value: bigint): string => value.toString(16).padStart(digits.length, '0')
  return { first: hex(first), last: hex(first | hosts) }
}

const ipv4 = (text: string): string | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.map(part => Number(part).toString(16).padStart(2, '0')).join('')
}

/** RFC 4291, 2.2: eight groups, of which one run of zeros may be `::`, and the last two may be an IPv4 address. */
const ipv6 = (text: string): string | undefined => {
  const embedded = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text)
  const low = embedded && ipv4(embedded[2]!)
  if (embedded && low === undefined) return undefined
  const plain = embedded ? `${embedded[1]}${low!.slice(0, 4)}:${low!.slice(4)}` : text
  const halves = plain.split('::').map(half => (half === '' ? [] : half.split(':')))
  const groups = halves.flat()
  if (halves.length > 2 || !groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  const missing = 8 - groups.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  return [...halves[0]!, ...Array<string>(missing).fill('0'), ...(halves[1] ?? [])]
    .map(group => group.toLowerCase().padStart(4, '0'))
    .join('')
}
