import { BlockList, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { parseNetwork } from '../../src/sql/address.js'

t.test('addresses and networks', async t => {
  for (const [text, first, last] of [
    ['10.0.0.1', '0a000001', '0a000001'],
    ['10.1.2.3/8', '0a000000', '0affffff'],
    ['0.0.0.0/0', '00000000', 'ffffffff'],
    ['192.168.1.255/32', 'c0a801ff', 'c0a801ff'],
    ['::', '0'.repeat(32), '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`, `${'0'.repeat(31)}1`],
    ['2001:DB8::/32', `20010db8${'0'.repeat(24)}`, `20010db8${'f'.repeat(24)}`],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '00010002000300040005000600070008'],
    ['::ffff:10.0.0.1', `${'0'.repeat(20)}ffff0a000001`, `${'0'.repeat(20)}ffff0a000001`],
    ['fe80::1:2/127', `fe80${'0'.repeat(20)}00010002`, `fe80${'0'.repeat(20)}00010003`],
    ['1::', `0001${'0'.repeat(28)}`, `0001${'0'.repeat(28)}`],
  ] as const)
    t.same(parseNetwork(text), { first, last }, text)
})

t.test('what is neither', async t => {
  for (const text of [
    '',
    'x',
    '10.0.0',
    '10.0.0.01',
    '10.0.0.256',
    '10.0.0.1/33',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.1/x',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'g::',
    '::10.0.0.256',
    '::1/129',
    '12345::',
  ])
    t.equal(parseNetwork(text), undefined, text)
})

t.test('agrees with Node on what is an address, and on what is in a network', async t => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:'), maxLength: 20 }),
  )
  fc.assert(
    fc.property(address, text => (parseNetwork(text) !== undefined) === (isIPv4(text) || isIPv6(text))),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom('ipv4' as const, 'ipv6' as const),
      fc.nat(128),
      fc.infiniteStream(fc.nat(15)),
      (family, bits, random) => {
        const one = () =>
          family === 'ipv4'
            ? Array.from({ length: 4 }, () => random.next().value % 3).join('.')
            : Array.from({ length: 8 }, () => (random.next().value % 3).toString(16)).join(':')
        const [network, other] = [one(), one()]
        const prefix = bits % (family === 'ipv4' ? 33 : 129)
        const { first, last } = parseNetwork(`${network}/${prefix}`)!
        const list = new BlockList()
        list.addSubnet(network, prefix, family)
        const at = parseNetwork(other)!.first
        return list.check(other, family) === (first <= at && at <= last)
      },
    ),
    { numRuns: 2_000 },
  )
  t.pass('5,000 texts')
})
