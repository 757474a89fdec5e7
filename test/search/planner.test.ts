import t from 'tap'
import { type Choice, type Decision, decide, MOST_BEHIND_MS } from '../../src/search/planner.js'

/** The table of docs/search.md, first row that fits. `*`: whatever it is. */
const READY = {
  source: 'auto',
  state: 'ready',
  age: 1_000,
  maxStaleness: undefined,
  unserved: [],
  cheap: false,
  cellDown: false,
} as const

const TABLE: readonly (readonly [what: string, choice: Partial<Choice>, decision: Decision])[] = [
  ['cells are asked for', { source: 'cells' }, { from: 'cells', overlay: false, reason: 'asked-for' }],
  ['no index', { state: 'none' }, { from: 'cells', overlay: false, reason: 'no-index' }],
  [
    'no index, asked for',
    { state: 'none', source: 'index' },
    { from: 'nobody', overlay: false, reason: 'no-index' },
  ],
  ['index down', { state: 'down' }, { from: 'cells', overlay: false, reason: 'index-down' }],
  [
    'index down, asked for',
    { state: 'down', source: 'index' },
    { from: 'nobody', overlay: false, reason: 'index-down' },
  ],
  ['index empty', { state: 'empty' }, { from: 'cells', overlay: false, reason: 'index-empty' }],
  [
    'a filter it can’t judge',
    { unserved: ['display_name regexp'] },
    { from: 'cells', overlay: false, reason: 'unserved' },
  ],
  [
    'the same, asked for',
    { unserved: ['x'], source: 'index' },
    { from: 'nobody', overlay: false, reason: 'unserved' },
  ],
  [
    'index asked for',
    { source: 'index', cheap: true, age: Number.POSITIVE_INFINITY },
    { from: 'index', overlay: false, reason: 'asked-for' },
  ],
  [
    'asked for, too old',
    { source: 'index', maxStaleness: 999 },
    { from: 'nobody', overlay: false, reason: 'index-stale' },
  ],
  [
    'asked for, young enough',
    { source: 'index', maxStaleness: 1_000 },
    { from: 'index', overlay: false, reason: 'asked-for' },
  ],
  ['cells are as fast', { cheap: true }, { from: 'cells', overlay: false, reason: 'cells-are-cheap' }],
  [
    'as fast, but one is down',
    { cheap: true, cellDown: true },
    { from: 'index', overlay: true, reason: 'cell-down' },
  ],
  ['cells are slower', {}, { from: 'index', overlay: true, reason: 'cells-are-slow' }],
  [
    'slower, and it may be as old',
    { maxStaleness: 1_000 },
    { from: 'index', overlay: false, reason: 'cells-are-slow' },
  ],
  ['slower, and it may not', { maxStaleness: 999 }, { from: 'index', overlay: true, reason: 'cells-are-slow' }],
  ['slower, far behind', { age: MOST_BEHIND_MS + 1 }, { from: 'cells', overlay: false, reason: 'index-stale' }],
]

for (const [what, choice, decision] of TABLE) t.same(decide({ ...READY, ...choice }), decision, what)

t.test('whatever comes together', async t => {
  const all = <T>(...values: readonly T[]): readonly T[] => values
  let choices = 0
  for (const source of all('auto', 'cells', 'index' as const) as readonly Choice['source'][])
    for (const state of all('none', 'down', 'empty', 'ready') as readonly Choice['state'][])
      for (const age of all(0, 1_000, MOST_BEHIND_MS, MOST_BEHIND_MS + 1, Number.POSITIVE_INFINITY))
        for (const maxStaleness of all(undefined, 0, 1_000, Number.MAX_SAFE_INTEGER))
          for (const unserved of all([], ['x']))
            for (const cheap of all(true, false))
              for (const cellDown of all(true, false)) {
                const choice = { source, state, age, maxStaleness, unserved, cheap, cellDown }
                const { from, overlay } = decide(choice)
                choices++
                const said = JSON.stringify(choice)
                if (from === 'index' && (state !== 'ready' || unserved.length > 0))
                  t.fail(`an index that can't: ${said}`)
                if (
                  from === 'index' &&
                  !overlay &&
                  source === 'auto' &&
                  !(maxStaleness !== undefined && age <= maxStaleness)
                )
                  t.fail(`older than asked for: ${said}`)
                if (source === 'cells' && from !== 'cells') t.fail(`not the cells: ${said}`)
                if (source === 'index' && (from === 'cells' || overlay)) t.fail(`not the index alone: ${said}`)
                if (source === 'auto' && from === 'nobody') t.fail(`nobody: ${said}`)
              }
  t.equal(choices, 3 * 4 * 5 * 4 * 2 * 2 * 2)
})
