import { setTimeout as sleep } from 'node:timers/promises'
import { CrosscellError, type Page } from '../../src/index.js'
import { ask, count, deadlineOf, policyOf, report, type Work } from './asking.js'
import { API } from './cloud.js'
import { FIELDS, type Question, type Record, type Row } from './model.js'

const MOST_PAGES = 30

/** Page after page of a question, each by the cursor or the last row of the one before, and at the end what they have missed. */
export const readPages = async (work: Work): Promise<void> => {
  const { random, questions, judge, tally, over } = work
  const question = random.pick(questions)
  const { scope, filters, sort } = question
  const policy = policyOf(random)
  const tagged = random.chance(0.3)
  const limit = random.between(5, 100)
  const query = { scope, filters, sort, limit, fields: FIELDS, include: tagged ? (['tags'] as const) : [] }
  const got: Record[] = []
  // Only a cursor remembers what the pages before it have missed, and whether the last of them ended with a record or its stub.
  const byCursor = policy === 'stub' || random.chance(0.5)
  let from: Record | undefined
  let way: { readonly cursor?: string; readonly marker?: string } = {}
  for (let pages = 0; pages < MOST_PAGES && !over.aborted; pages++) {
    // By the row, it depends on who is asked whether the row is looked up or remembered.
    const cells = way.marker !== undefined && random.chance(0.5) ? work.stranger : work.cells
    const { answer, ...times } = await ask(
      work,
      'list',
      deadlineOf(random),
      options => cells.instances.list({ ...query, ...way }, { ...options, downCells: policy }),
      error => isGone(work, from, error),
    )
    if (answer === undefined) return
    const page = answer as unknown as Page<Record>
    count(tally, page.complete ? 'complete' : 'partial')
    for (const { state } of page.cells) if (state !== 'ok') count(tally, state)
    const { items, next, complete, cells: reports } = page
    report(
      tally,
      `list ${JSON.stringify({ ...query, fields: undefined, policy, from })}`,
      judge.verdict({
        question,
        policy,
        from,
        items,
        end: next === null,
        complete,
        cells: reports,
        tagged,
        ...times,
      }),
    )
    if (next !== null && items.length !== limit)
      report(tally, 'list', [`${items.length} of ${limit}, and more behind`])
    got.push(...items)
    const last = items.at(-1)
    const isWhole = next === null || pages === MOST_PAGES - 1 || random.chance(0.05)
    if (policy === 'omit' && byCursor && isWhole && page.missed !== null)
      await readMissed(
        work,
        { ...query, cursor: page.missed.cursor },
        question,
        got,
        next === null ? undefined : last!,
      )
    // Where a page ends with a stub, the next one begins at the place of its mapping.
    if (next === null || isWhole || last!.stub) return
    from = last
    way = byCursor ? { cursor: next } : { marker: last!.uuid }
  }
}

/** A marker that was purged since is unknown to who does not remember it. */
const isGone = ({ model }: Work, marker: Record | undefined, error: unknown): boolean => {
  const life = marker && model.known(marker.uuid)?.life
  return (
    error instanceof CrosscellError &&
    error.code === 'marker-not-found' &&
    (life?.removeSent ?? Infinity) < Infinity
  )
}

/** What pages have missed, until it is all there: together they are whole then. */
const readMissed = async (
  work: Work,
  query: Parameters<Work['cells']['instances']['catchUp']>[0],
  question: Question,
  got: readonly Record[],
  to: Record | undefined,
): Promise<void> => {
  const { judge, tally, model, over, random } = work
  const all = [...got]
  let { cursor } = query
  for (let rounds = 0; rounds < MOST_PAGES && !over.aborted; rounds++) {
    const { answer, ...times } = await ask(work, 'catchUp', deadlineOf(random), options =>
      work.cells.instances.catchUp({ ...query, cursor }, options),
    )
    if (answer === undefined) continue
    const page = answer as unknown as Page<Record>
    const wrong = judge.ofLabels({ ...page, ...times })
    for (const item of page.items) {
      count(tally, 'caught up')
      wrong.push(...judge.ofRecord(item, query.include !== undefined && query.include.length > 0))
      if (item.late !== true) wrong.push(`${item.uuid} does not say that it is late`)
    }
    all.push(...page.items)
    report(tally, 'catchUp', wrong)
    if (page.missed === null) break
    cursor = page.missed.cursor
    if (rounds === MOST_PAGES - 1) return
    // Who is still down will hardly be back at once.
    if (page.items.length === 0) await sleep(random.between(50, 300))
  }
  if (over.aborted) return
  const uuids = new Set(all.map(({ uuid }) => uuid))
  const wrong = uuids.size < all.length ? ['a record came twice'] : []
  for (const { record, life, cell } of model.rows)
    if (life === undefined && question.asksFor(record) && !uuids.has(record.uuid))
      if (to === undefined || question.compare(record, to) <= 0)
        wrong.push(`${record.uuid} of ${cell} was neither in a page nor caught up with`)
  report(tally, `catchUp ${JSON.stringify({ ...query, fields: undefined, cursor: undefined })}`, wrong)
}

/** All records of a question, or the first of them: some readers stop. */
export const iterate = async (work: Work): Promise<void> => {
  const { random, questions, judge, tally, cells } = work
  const question = random.pick(questions)
  const { scope, filters, sort } = question
  const policy = policyOf(random)
  const most = random.chance(0.3) ? random.below(300) : Number.POSITIVE_INFINITY
  const items: Record[] = []
  let stopped = false
  let rows: { readonly complete: boolean; readonly cells: Page<Record>['cells'] } | undefined
  // Each step has the deadline; two are enough for all there is.
  const deadline = deadlineOf(random)
  const { answer, ...times } = await ask(work, 'iterate', 4 * deadline, async ({ signal }) => {
    const all = cells.instances.iterate(
      { scope, filters, sort, fields: FIELDS },
      { deadline, signal, downCells: policy },
    )
    rows = all
    for await (const item of all) {
      items.push(item as unknown as Record)
      stopped = items.length >= most
      if (stopped) break
    }
    return true
  })
  if (answer === undefined || rows === undefined) return
  count(tally, rows.complete ? 'complete' : 'partial')
  report(
    tally,
    `iterate ${JSON.stringify({ scope, filters, sort, policy })}`,
    judge.verdict({
      question,
      policy,
      from: undefined,
      items,
      end: !stopped,
      complete: rows.complete,
      cells: rows.cells,
      tagged: false,
      ...times,
    }),
  )
}

/** One record: a quiet one is there, in its own project alone. */
export const get = async (work: Work): Promise<void> => {
  const { random, model, cells, judge, tally, projects } = work
  const row = random.pick(model.rows)
  const { record } = row
  const scope = random.pick([
    'all',
    ...(record.project_id === null ? [] : [{ project_id: record.project_id }]),
    { project_id: random.pick(projects) },
  ] as const)
  const isMine = scope === 'all' || scope.project_id === record.project_id
  const { answer } = await ask(work, 'get', deadlineOf(random), options =>
    cells.instances.get(record.uuid, { scope, fields: FIELDS, include: ['tags'] }, options),
  )
  if (answer === undefined) return
  const wrong = answer === null ? [] : judge.ofRecord(answer as unknown as Record, true)
  if (answer !== null && !isMine) wrong.push(`${record.uuid} is another tenant's`)
  if (answer === null && isMine && isQuiet(row)) wrong.push(`${record.uuid} of ${row.cell} is not found`)
  report(tally, 'get', wrong)
}

const isQuiet = ({ life }: Row): boolean => life === undefined

/** How many of each state; of what changes, between how many were there all the time and how many may have been. */
export const countRows = async (work: Work): Promise<void> => {
  const { random, questions, model, cells, judge, tally } = work
  const { scope, filters, asksFor } = random.pick(questions)
  const { answer, ...times } = await ask(work, 'count', deadlineOf(random), options =>
    cells.instances.count({ scope, filters, group_by: ['vm_state'] }, options),
  )
  if (answer === undefined) return
  const up = new Set(answer.cells.filter(({ state }) => state === 'ok').map(({ name }) => name))
  const due = model.rows.filter(({ record, cell }) => asksFor(record) && up.has(cell))
  const least = due.filter(({ life }) => life === undefined).length
  const wrong = judge.ofLabels({ ...answer, ...times })
  if (answer.count < least || answer.count > due.length)
    wrong.push(`${answer.count}, not from ${least} to ${due.length}`)
  if (answer.groups.reduce((sum, group) => sum + group.count, 0) !== answer.count)
    wrong.push('the groups are another number')
  report(tally, `count ${JSON.stringify({ scope, filters })}`, wrong)
}

/** How the cells are. Without it, the breakers of whoever asks seldom would stay open for long. */
export const status = async (work: Work): Promise<void> => {
  const { random, judge, tally } = work
  const cells = random.chance(0.5) ? work.cells : work.stranger
  const { answer, ...times } = await ask(work, 'status', deadlineOf(random), options => cells.status(options))
  if (answer === undefined) return
  const wrong = judge.ofLabels({ ...answer, ...times })
  if (answer.cells.at(-1)?.name !== API) wrong.push('the API database is not last')
  report(tally, 'status', wrong)
}
