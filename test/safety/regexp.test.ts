import fc from 'fast-check'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { checkRegexp } from '../../src/validation/regexp.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: 40, relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())
const isMySQL = local.server('cell1').kind === 'mysql'

const problemOf = (text: string): string | undefined => {
  try {
    checkRegexp(text, '/path')
    return undefined
  } catch (error) {
    const { code, path, message } = error as { code: string; path: string; message: string }
    if (code !== 'invalid-filter-value' || path !== '/path') throw error
    return /, (.*); expected/.exec(message)![1]
  }
}

t.test('what people filter by is taken', async t => {
  for (const text of [
    '^web',
    'web-[0-9]+$',
    '.*web.*prod.*',
    '^(web|db|mq)-[a-z]{2}[0-9]{2,4}\\.example\\.(com|org)$',
    '^(\\d{1,3}\\.){3}\\d{1,3}$',
    '[[:alpha:]_-][^[:space:]]*',
    '(?:a|b)?c*?d{2,}',
    '\\bweb\\b|\\Bdb\\B',
    '\\$\\(\\[\\]\\{\\}\\)\\^\\|\\\\\\/\\-\\_\\t',
    '[-a-z&\\]\\[\\w-]',
    '[a&b|c~]',
    'größe|名前|😀+',
    'a|',
    '()',
  ])
    t.equal(problemOf(text), undefined, text)
})

t.test('what the two makes read differently is not sent', async t => {
  const different = [
    'a{,3}',
    'a{',
    '}',
    ']',
    '\\q',
    '\\u0041',
    '\\N',
    '\\K',
    '\\G',
    '\\x41',
    '\\pL',
    '\\1',
    '\\8',
    '\\0',
    '\\cA',
    '\\',
    '\0',
    '[a\0]',
    'a++',
    'a**',
    '^*',
    '*',
    '[]',
    '[]a]',
    '[[:<:]]',
    '[[:foo:]]',
    '[[.a.]]',
    '[a&&b]',
    '[a--b]',
    '[a[b]',
    '[[a]]',
    '[\\b]',
    '[\\w-z]',
    '[a',
  ]
  for (const text of different)
    t.equal(problemOf(text), 'what the servers read differently, or not at all', text)
  for (const text of [
    '(?i)a',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    '(?>a)',
    '(?<n>a)',
    '(?P<n>a)',
    '(?R)',
    '(?1)',
    '(?#a)',
    '(?(1)a)',
  ])
    t.equal(problemOf(text), 'a group of a special kind', text)
  t.equal(problemOf('(*LIMIT_MATCH=1)a'), 'what the servers read differently, or not at all')
  t.equal(problemOf('(a'), 'a group without an end')
  t.equal(problemOf('a)b'), 'a group that ends without a beginning')
})

/** Each of them takes more steps than there is time for, on one server or on both. */
const CATASTROPHES = [
  '(a+)+$',
  '(a*)*b',
  '(a|a)*b',
  '(a|aa)+$',
  '(.*a){12}',
  '^(a?){30}a{30}$',
  `${'a?'.repeat(30)}b`,
  `${'(a|a)'.repeat(30)}b`,
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '([a-z]+-)*$',
  '(.*)(.*)(.*)(.*)[^a]',
  '((a{1,20}){1,20}){1,20}b',
  'a*a*a*a*b',
  '(a{0,9}){9}b',
]

t.test('what can match in too many ways is not sent', async t => {
  for (const text of CATASTROPHES) t.match(problemOf(text), /^too many ways to match/, text)
  for (const text of ['a{1001}', '((a{20}){20}){20}', '(a{2,}){501}'])
    t.match(problemOf(text), /^(more than 1000 repeats|too many ways)/, text)
  t.equal(problemOf('((a{10}){10}){10}'), undefined)
})
