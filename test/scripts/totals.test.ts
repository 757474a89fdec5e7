import t from 'tap'
import { holdsCode } from '../../scripts/coverage.mjs'
import { countTests } from '../../scripts/totals.mjs'

const count = async (tap: string) => {
  const lines: string[] = []
  const counter = countTests(line => lines.push(line))
  counter.write(`TAP version 14\n${tap}`)
  return { totals: await counter.end(), text: lines.join('\n') }
}

t.test('a test is a t.test() without others in it', async t => {
  const { totals, text } = await count(`
# Subtest: test/a.test.ts
    # Subtest: outer
        ok 1 - an assertion
        # Subtest: inner
            ok 1 - an assertion
            ok 2 - an assertion
            1..2
        ok 2 - inner
        1..2
    ok 1 - outer
    # Subtest: another
        ok 1 - an assertion
        1..1
    ok 2 - another
    1..2
ok 1 - test/a.test.ts # time=1200ms
1..1
`)
  t.strictSame(totals, { passed: 2, failed: 0, skipped: 0 })
  t.equal(text, 'ok     test/a.test.ts (2 passed, 1.2 s)')
})

t.test('buffered tests count like any others', async t => {
  const { totals } = await count(`
ok 1 - test/a.test.ts {
    ok 1 - first {
        ok 1 - an assertion
        1..1
    }
    not ok 2 - second {
        not ok 1 - an assertion
        1..1
    }
    1..2
}
1..1
`)
  t.strictSame(totals, { passed: 1, failed: 1, skipped: 0 })
})

t.test('a failure is told with its path and what was wrong', async t => {
  const { totals, text } = await count(`
# Subtest: test/a.test.ts
    # Subtest: sorts
        not ok 1 - should be equal
          ---
          diff: |
            -4
            +3
          jobId: 1
          ...
        1..1
    not ok 1 - sorts
    1..1
not ok 1 - test/a.test.ts
1..1
`)
  t.strictSame(totals, { passed: 0, failed: 1, skipped: 0 })
  t.match(text, 'not ok: test/a.test.ts > sorts > should be equal\n    diff:\n      -4\n      +3\n')
  t.notMatch(text, 'jobId')
  t.match(text, 'FAILED test/a.test.ts (0 passed, 1 failed)')
})

t.test('a file that fails although its tests passed is a failed test', async t => {
  const { totals, text } = await count(`
# Subtest: test/a.test.ts
    # Subtest: fine
        ok 1 - an assertion
        1..1
    ok 1 - fine
    1..1
not ok 1 - test/a.test.ts
  ---
  exitCode: 1
  ...
1..1
`)
  t.strictSame(totals, { passed: 1, failed: 1, skipped: 0 })
  t.match(text, 'exitCode: 1')
})

t.test('a test that fails beside the tests in it counts, too', async t => {
  const { totals } = await count(`
# Subtest: test/a.test.ts
    not ok 1 - of the file itself
    # Subtest: fails
        not ok 1 - an assertion
        1..1
    not ok 2 - fails
    1..2
not ok 1 - test/a.test.ts
1..1
`)
  t.strictSame(totals, { passed: 0, failed: 2, skipped: 0 })
})

t.test('what is skipped or still to do has not passed', async t => {
  const { totals } = await count(`
# Subtest: test/a.test.ts
    ok 1 - not here # SKIP no server
    not ok 2 - later # TODO
    1..2
ok 1 - test/a.test.ts
ok 2 - test/b.test.ts # SKIP no tests found
1..2
`)
  t.strictSame(totals, { passed: 0, failed: 0, skipped: 3 })
})

t.test('a run that bails out, or ends before its plan, has failed', async t => {
  t.match(await count('1..1\nBail out! no more\n'), { totals: { failed: 1 }, text: 'bailed out: no more' })
  t.match(await count('1..2\n# Subtest: a\n    ok 1 - x\n    1..1\nok 1 - a\n'), {
    totals: { passed: 1, failed: 1 },
  })
})

t.test('other output is shown', async t => {
  t.match((await count('hello\n1..0\n')).text, 'hello')
})

t.test('a file of types alone holds no code', async t => {
  t.notOk(holdsCode(''))
  t.notOk(holdsCode('/** A. */\nexport interface A { readonly b: string }\nexport type C = A'))
  t.notOk(holdsCode("import type { A } from './a.js'\nexport type { A }"))
  t.ok(holdsCode('export const a = 1'))
  t.ok(holdsCode("export { a } from './a.js'"))
})
