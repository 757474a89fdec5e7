import type { IndexDocument, Key } from '../../search/search-index.js'
import type { Shape } from '../../search/shape.js'
import { pick, type Random, times } from './random.js'

/** What the documents of the suite have. */
export const SHAPE: Shape = {
  keys: { id: 'number', size: 'number', name: 'text', host: 'text', made: 'text' },
  owners: ['project_id', 'user_id'],
  members: ['tags', 'pairs'],
  texts: ['name', 'note', 'labels'],
  orders: [['id'], ['made', 'id'], ['name', 'id']],
}

export const CELLS = ['cell-a', 'cell-b', '00000000-0000-0000-0000-000000000000'] as const

/** Uuids that are spread over the buckets. */
export const uuidOf = (n: number): string => {
  const spread = Math.imul(n + 1, 0x9e3779b1) >>> 0
  return `${spread.toString(16).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** A document with little in it, and what is said of it. */
export const documentOf = (n: number, own: Partial<IndexDocument> = {}): IndexDocument => ({
  cell: CELLS[0],
  uuid: uuidOf(n),
  version: 1_000,
  digest: n,
  folds: {},
  addresses: [],
  record: `{"n":${n}}`,
  ...own,
  keys: { id: n, size: null, name: null, host: null, made: null, ...own.keys },
  owners: { project_id: 'p1', user_id: 'u1', ...own.owners },
  members: { tags: [], pairs: [], ...own.members },
  texts: { name: [], note: [], labels: [], ...own.texts },
})

/** What query languages, patterns, tokenizers and comparisons trip over. */
export const PARTS = [
  ...['a', 'A', 'b', 'ab', 'web', 'Web', '0', '10', '9', '-1', '1e3', 'null', 'true', 'undefined'],
  ...[' ', '  ', '\t', '\n', '\r\n', '\u0001', '\u0002', '\u007f', '\u0085', '\u00a0', '\u2028', '\u3000'],
  ...['*', '?', '[', ']', '[a]', '[^a]', '%', '_', '\\', '\\%', '.', '.*', '^', '$', '|', '+', '-', '~', '!'],
  ...[
    '"',
    "'",
    '""',
    "''",
    '`',
    '(',
    ')',
    '{',
    '}',
    '{}',
    ':',
    ';',
    ',',
    '/',
    '//',
    '--',
    '/*',
    '#',
    '&',
    '&&',
    '||',
  ],
  ...[
    'AND',
    'OR',
    'NOT',
    'NEAR',
    'a AND b',
    'NOT a',
    'name:a',
    'name : a',
    '_exists_:a',
    'a~2',
    'a^2',
    '<b>',
    '</em>',
  ],
  ...[
    'é',
    'e\u0301',
    '\u0301',
    'İ',
    'ı',
    'ß',
    'ﬁ',
    'Σ',
    'ς',
    'ж',
    'Я',
    'א',
    'ع',
    'क्षि',
    'ก',
    'အ',
    'ᄀ',
    '가',
    '中',
    '日本語',
    'ｗ',
  ],
  ...[
    '\u200b',
    '\u200d',
    '\u00ad',
    '\u202e',
    '\ufeff',
    '\ud7ff',
    '\ue000',
    '\ufdd0',
    '\ufffd',
    '\ufffe',
    '\uffff',
  ],
  ...['😀', '😁', '👨‍👩‍👧', '𝔸', '𠜎', '\u{1f1e9}\u{1f1ea}', '\u{10000}', '\u{10ffff}'],
] as const

const TIMES = [
  '2026-01-01 00:00:00',
  '2026-01-01 00:00:00.1',
  '2026-01-01 00:00:00.100001',
  '2026-01-01 00:00:01',
  '1999-12-31 23:59:59',
]
const NUMBERS = [-(2 ** 31), -1.5, -1, 0, 1e-7, 0.5, 1, 2, 9, 10, 2 ** 31, 2 ** 53 - 1]
const ADDRESSES = [
  { digits: '0a000001', text: '10.0.0.1' },
  { digits: '0a0000ff', text: '10.0.0.255' },
  { digits: '0a010001', text: '10.1.0.1' },
  { digits: 'c0a80001', text: '192.168.0.1' },
  { digits: '20010db8000000000000000000000001', text: '2001:db8::1' },
  { digits: '0a000001000000000000000000000000', text: 'a00:1::' },
  { digits: '', text: 'no address' },
]

/** Values of all kinds, few enough to be equal now and then. */
export interface Values {
  readonly texts: readonly string[]
  readonly keys: Readonly<Record<string, readonly (string | number)[]>>
  readonly owners: readonly string[]
  readonly members: readonly string[]
  readonly addresses: typeof ADDRESSES
}

export const valuesFrom = (random: Random): Values => {
  const text = (): string => times(random(4), () => pick(random, PARTS)).join('')
  const long = (): string => [...times(1_024, () => pick(random, PARTS)).join('')].slice(0, 1_024).join('')
  const texts = [...times(40, text), '', 'a'.repeat(1_024), '😀'.repeat(1_024), ...times(3, long)]
  const some = (count: number): string[] => times(count, () => pick(random, texts))
  return {
    texts,
    keys: { id: times(20, i => i * 7), size: NUMBERS, name: texts, host: some(5), made: TIMES },
    owners: ['p1', 'P1', 'p1 ', 'p2', "p1' OR '1'='1", '*', 'p\u0000', ...some(3)],
    members: ['blue', 'Blue', 'blue ', 'key\u0001value\u0001', 'key\u0001\u0001', ...some(12)],
    addresses: ADDRESSES,
  }
}

/** A document of these values. */
export const randomDocument = (random: Random, values: Values, n: number): IndexDocument => {
  const orNull = (all: readonly (string | number)[]): Key => (random(5) === 0 ? null : pick(random, all))
  const some = <T>(all: readonly T[]): T[] => times(random(4), () => pick(random, all))
  return documentOf(n, {
    cell: pick(random, CELLS),
    version: 1 + random(2 ** 40),
    digest: random(2 ** 32),
    keys: {
      size: orNull(values.keys.size!),
      name: orNull(values.keys.name!),
      host: orNull(values.keys.host!),
      made: orNull(values.keys.made!),
    },
    folds: random(3) === 0 ? { name: pick(random, values.texts) } : {},
    owners: {
      project_id: pick(random, values.owners),
      user_id: random(5) === 0 ? null : pick(random, values.owners),
    },
    members: { tags: some(values.members), pairs: some(values.members) },
    addresses: some(values.addresses),
    texts: { name: some(values.texts).slice(0, 1), note: some(values.texts), labels: some(values.texts) },
    record: JSON.stringify({ n, said: pick(random, values.texts) }),
  })
}
