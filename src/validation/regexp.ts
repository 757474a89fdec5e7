import { type InputPath, InvalidFilterValueError } from '../errors.js'

/** What a part of an expression may cost. */
interface Cost {
  /** In how many ways it may match the same text: so many may be tried before it is known that none does. */
  readonly ways: number
  /** How often a part of it is repeated by numbers. */
  readonly repeats: number
  /** Whether it may match without a character. */
  readonly empty: boolean
}

const NOTHING: Cost = { ways: 1, repeats: 1, empty: true }
const CHARACTER: Cost = { ...NOTHING, empty: false }

/** Ways of a part that is as long as it likes: about the characters of a name. */
const OPEN = 100
/** As many steps as MariaDB takes before it gives a row up, and takes it for one that does not match. */
const MOST_WAYS = 10_000_000
const MOST_REPEATS = 1_000

/** Without `upper` and `lower`, of which each make has its own idea where case does not count. */
const POSIX = 'alnum|alpha|blank|cntrl|digit|graph|print|punct|space|xdigit'
/** What means itself behind a backslash, or a character that can't be written otherwise. */
const ESCAPE = String.raw`\\[!-\/:-@[-\x60{-~fnrt]`
const KIND = String.raw`\\[dDsSwW]`
/** In a class. MySQL takes a second `&` or `-` for an operation on sets, and a `[` for a class in the class. */
const MEMBER = String.raw`(?:${ESCAPE}|&(?!&)|[^\\&\-\[\]\0])`
const CLASS = String.raw`\[\^?-?(?:\[:\^?(?:${POSIX}):\]|${KIND}|${MEMBER}(?:-${MEMBER})?)+-?\]`

const ATOM = new RegExp(String.raw`${CLASS}|${KIND}|${ESCAPE}|[^\\^$|?*+()[\]{}\0]`, 'uy')
const ASSERTION = /\^|\$|\\[bB]/y
const QUANTIFIER = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})\??/y

/**
 * Refuses an expression that MariaDB and MySQL could take in different ways, or that could take either of them long: they try every
 * way to match, and those are counted. What is neither is theirs to refuse.
 *
 * There is no library for that: those for JavaScript's expressions read another language (`[[:alpha:]]`), and either let
 * `(a|a)*b` pass, or take as long as a second over a text of 255 characters themselves (docs/security.md).
 *
 * @throws {@link InvalidFilterValueError}
 */
export const checkRegexp = (text: string, path: InputPath): void => {
  let at = 0

  const refuse = (problem: string): never => {
    throw new InvalidFilterValueError(
      path,
      `at character ${at + 1}, ${problem}`,
      'a regular expression as MariaDB and MySQL both read it, without look-around, references and flags',
    )
  }
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = at
    const found = token.exec(text)
    if (found !== null) at = token.lastIndex
    return found
  }
  const isNext = (character: string): boolean => text[at] === character

  const bounded = (cost: Cost): Cost => {
    if (cost.repeats > MOST_REPEATS) refuse(`more than ${MOST_REPEATS} repeats`)
    if (cost.ways > MOST_WAYS)
      refuse('too many ways to match: a repeat of what can match in several ways, or too many repeats')
    return cost
  }

  const repeated = (cost: Cost): Cost => {
    const quantifier = take(QUANTIFIER)
    if (quantifier === null) return cost
    const { ways, repeats, empty } = cost
    const [, sign, least, comma, most = comma === undefined ? least : undefined] = quantifier
    const from = Number(least ?? (sign === '+' ? 1 : 0))
    const to = sign === '?' ? 1 : Number(most ?? Number.POSITIVE_INFINITY)
    // MySQL repeats what matches nothing until its time is over.
    if (empty && to > 1) refuse('a repeat of what may be empty')
    const lengths = to === Number.POSITIVE_INFINITY ? OPEN : to - from + 1
    return bounded({
      ways: (ways === 1 ? 1 : ways ** to) * Math.max(lengths, 1),
      repeats: repeats * Math.max(1, Number(most ?? from)),
      empty: empty || from === 0,
    })
  }

  const group = (): Cost => {
    at++
    if (isNext('?') && !text.startsWith('?:', at)) refuse('a group of a special kind')
    if (isNext('?')) at += 2
    const inside = choice()
    if (!isNext(')')) refuse('a group without an end')
    at++
    return inside
  }

  const piece = (): Cost => {
    if (take(ASSERTION)) return NOTHING
    if (isNext('(')) return repeated(group())
    if (take(ATOM)) return repeated(CHARACTER)
    return refuse('what the servers read differently, or not at all')
  }

  const sequence = (): Cost => {
    let cost = NOTHING
    while (at < text.length && !isNext('|') && !isNext(')')) {
      const { ways, repeats, empty } = piece()
      cost = bounded({
        ways: cost.ways * ways,
        repeats: Math.max(cost.repeats, repeats),
        empty: cost.empty && empty,
      })
    }
    return cost
  }

  const choice = (): Cost => {
    let cost = sequence()
    while (isNext('|')) {
      at++
      const { ways, repeats, empty } = sequence()
      cost = bounded({
        ways: cost.ways + ways,
        repeats: Math.max(cost.repeats, repeats),
        empty: cost.empty || empty,
      })
    }
    return cost
  }

  choice()
  if (at < text.length) refuse('a group that ends without a beginning')
}
