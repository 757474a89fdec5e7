// @ts-check
/** Reads tap's own protocol: tells each file and each failure as it happens, and counts the tests. */
import { inspect } from 'node:util'
import { Parser } from 'tap-parser'

/** @typedef {import('tap-parser').Result} Result */
/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */
/** @typedef {Pick<Result, 'ok' | 'name'> & Partial<Result>} Verdict */

/**
 * @param {(line: string) => void} tell gets each line for the person who watches
 * @returns {{ write: (text: string) => void, end: () => Promise<Totals> }}
 */
export function countTests(tell) {
  const parser = new Parser()
  const root = suite(parser, [], tell)
  parser.on('extra', (/** @type {string} */ text) => tell(text.trimEnd()))
  /** @type {Promise<Totals>} */
  const totals = new Promise(done =>
    parser.on('complete', ({ ok, bailout }) => {
      if (bailout) tell(`bailed out: ${bailout}`)
      done(root({ ok, name: 'all tests' }))
    }),
  )
  return {
    write: text => void parser.write(text),
    end: () => {
      parser.end()
      return totals
    },
  }
}

/**
 * A test is a `t.test()` that holds no other `t.test()`, or a file without any. One that holds others is
 * counted beside them only when it fails by itself: by an assertion, a timeout, an exit code.
 *
 * @param {Parser} parser
 * @param {string[]} path the names of the tests from the file to this one
 * @param {(line: string) => void} tell
 * @returns {(verdict: Verdict) => Totals} what was counted, once the verdict on it is known
 */
function suite(parser, path, tell) {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  let children = 0
  let asserted = 0
  let failed = false
  /** @type {{ parser: Parser, close: ReturnType<typeof suite> } | undefined} */
  let open

  parser.on('child', (/** @type {Parser} */ child) => {
    children += 1
    open = { parser: child, close: suite(child, [...path, child.name], tell) }
  })
  parser.on('assert', (/** @type {Result} */ result) => {
    if (open?.parser.closingTestPoint === result) {
      const inside = open.close(result)
      open = undefined
      sum.passed += inside.passed
      sum.failed += inside.failed
      sum.skipped += inside.skipped
      if (path.length === 0) tell(fileLine(result, inside))
    } else if (isExcused(result)) {
      sum.skipped += 1
    } else {
      asserted += 1
      failed ||= !result.ok
      if (!result.ok) tell(failure([...path, result.name], result))
    }
  })

  return verdict => {
    if (isExcused(verdict)) return { passed: 0, failed: 0, skipped: sum.passed + sum.failed + sum.skipped || 1 }
    if (verdict.ok && children === 0) return { ...sum, passed: asserted > 0 || sum.skipped === 0 ? 1 : 0 }
    const byItself = failed || (!verdict.ok && sum.failed === 0)
    if (byItself && !failed) tell(failure([...path.slice(0, -1), verdict.name], verdict))
    return { ...sum, failed: sum.failed + Number(byItself) }
  }
}

/** @param {Verdict} result */
const isExcused = result => Boolean(result.skip || result.todo)

/**
 * @param {Result} result
 * @param {Totals} totals
 */
function fileLine({ ok, name, time }, { passed, failed, skipped }) {
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
  const seconds = time ? `, ${(time / 1000).toFixed(1)} s` : ''
  return `${ok ? 'ok    ' : 'FAILED'} ${name} (${counts.filter(Boolean).join(', ')}${seconds})`
}

/** What tap adds to a failure and the person who reads it does not need. */
const noise = new Set(['at', 'stdio', 'cwd', 'externalID', 'command', 'args', 'jobId', 'compare', 'test'])

/**
 * @param {string[]} path
 * @param {Verdict} result
 */
function failure(path, { diag }) {
  const details = Object.entries(diag ?? {}).filter(([key, value]) => !noise.has(key) && value !== null)
  const text = details.map(([key, value]) => {
    const shown = typeof value === 'string' ? value.trimEnd() : inspect(value, { depth: 6 })
    return shown.includes('\n') ? `${key}:\n${shown.replace(/^/gm, '  ')}` : `${key}: ${shown}`
  })
  return [`not ok: ${path.join(' > ')}`, ...text].join('\n').replace(/\n/g, '\n    ')
}
