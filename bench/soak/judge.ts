import { isDeepStrictEqual } from 'node:util'
import type { CellReport } from '../../src/index.js'
import type { Chronicle } from './chronicle.js'
import { FIELDS, type Model, presence, type Question, type Record, type Row } from './model.js'

export type Policy = 'omit' | 'stub' | 'fail'

/** Some consecutive records, as somebody got them. */
export interface Answer {
  readonly question: Question
  readonly policy: Policy
  /** Behind this record; undefined: from the first on. */
  readonly from: Record | undefined
  readonly items: readonly Record[]
  /** Nothing follows. */
  readonly end: boolean
  readonly complete: boolean
  readonly cells: readonly Pick<CellReport, 'name' | 'state' | 'error'>[]
  /** Whether tags were asked for. */
  readonly tagged: boolean
  readonly started: number
  readonly ended: number
}

/** Finds what is wrong with answers. */
export interface Judge {
  /** What is wrong with it, in words. */
  verdict(answer: Answer): string[]
  /** The same of one record by itself. */
  ofRecord(record: Record, tagged: boolean): string[]
  /** The same of what is said of cells. */
  ofLabels(answer: Pick<Answer, 'complete' | 'cells' | 'started' | 'ended'>): string[]
  /** Somebody was late, or said to be down, whom nobody had struck. */
  suspect(name: string, reason: string, started: number, ended: number): void
  /** What is wrong with those who were suspect, as is known in the end. */
  atLast(): string[]
  readonly checked: { rows: number; stubs: number; undeserved: number }
}

const columnsOf = (record: Record): unknown[] => FIELDS.map(column => record[column])

export const judgeOf = (model: Model, chronicle: Chronicle): Judge => {
  const checked = { rows: 0, stubs: 0, undeserved: 0 }

  const suspects: {
    readonly name: string
    readonly reason: string
    readonly started: number
    readonly ended: number
  }[] = []
  const suspect: Judge['suspect'] = (name, reason, started, ended) => {
    if (chronicle.wasTroubled(name, started, ended)) return
    // A busy machine is a reason to be late, and a true one; and to be left alone then.
    if (reason === 'DEADLINE') {
      checked.undeserved++
      chronicle.late(name, started, ended)
    } else suspects.push({ name, reason, started, ended })
  }

  const ofStub = ({ uuid, project_id, created_at, id, cell }: Record): string[] => {
    checked.stubs++
    const mapped = model.mapped(uuid)
    const says = { project_id, created_at, id, cell: cell.name }
    const known = mapped && {
      project_id: mapped.project_id,
      created_at: mapped.created_at,
      id: null,
      cell: mapped.cell,
    }
    return isDeepStrictEqual(says, known) ? [] : [`stub ${uuid} says ${JSON.stringify(says)}`]
  }

  const ofRecord = (item: Record, tagged: boolean): string[] => {
    if (item.stub) return ofStub(item)
    const row = model.known(item.uuid)
    if (row === undefined) return [`${item.uuid} is nobody's`]
    checked.rows++
    const { record, cell, tags, life } = row
    const wrong: string[] = []
    if (item.cell.name !== cell) wrong.push(`${item.uuid} is in ${cell}, not in ${item.cell.name}`)
    const versioned = life !== undefined && item.display_name === `v${item.vcpus}`
    const expected = versioned ? { ...record, vcpus: item.vcpus, display_name: item.display_name } : record
    if (!isDeepStrictEqual(columnsOf(item), columnsOf(expected)))
      wrong.push(
        `${item.uuid} says ${JSON.stringify(columnsOf(item))}, not ${JSON.stringify(columnsOf(expected))}`,
      )
    if (tagged && !isDeepStrictEqual([...(item.tags ?? [])].toSorted(), tags))
      wrong.push(`${item.uuid} has the tags ${JSON.stringify(item.tags)}, not ${JSON.stringify(tags)}`)
    return wrong
  }

  const ofLabels: Judge['ofLabels'] = ({ complete, cells, started, ended }) => {
    const wrong: string[] = []
    const down = cells.filter(({ state }) => state !== 'ok')
    if (complete !== (down.length === 0)) wrong.push(`complete is ${complete} with ${down.length} cells down`)
    for (const { name, state, error } of down) {
      if (error === undefined) wrong.push(`${name} is ${state} without a reason`)
      else suspect(name, error.reason, started, ended)
    }
    return wrong
  }

  const ofOrder = ({ question: { compare }, from, items }: Answer): string[] => {
    const wrong: string[] = []
    let before = from
    for (const item of items) {
      if (item.stub) continue
      if (before !== undefined && compare(before, item) >= 0)
        wrong.push(`${item.uuid} comes behind ${before.uuid}`)
      before = item
    }
    return wrong
  }

  /** Of cells that are up, all that was there; of cells that went down, nothing behind something that is missing. */
  const ofPresence = (answer: Answer): string[] => {
    const { question, from, items, end, cells, policy, started, ended } = answer
    // Where exactly a stub stands, only its mapping's id says.
    const to = end ? undefined : items.findLast(({ stub }) => !stub)
    if (!end && to === undefined) return []
    const isIn = ({ record }: Row): boolean =>
      question.asksFor(record) &&
      (from === undefined || question.compare(record, from) > 0) &&
      (to === undefined || question.compare(record, to) <= 0)
    const shown = new Set(items.filter(({ stub }) => !stub).map(({ uuid }) => uuid))
    const down = new Set(cells.filter(({ state }) => state !== 'ok').map(({ name }) => name))
    const wrong: string[] = []
    const due = model.rows.filter(isIn).toSorted((a, b) => question.compare(a.record, b.record))
    const missing = new Map<string, string[]>()
    for (const row of due) {
      const { uuid } = row.record
      const was = presence(row, started, ended)
      if (was === 'there' && !shown.has(uuid)) missing.set(row.cell, [...(missing.get(row.cell) ?? []), uuid])
      if (!shown.has(uuid)) continue
      if (was === 'absent') wrong.push(`${uuid} of ${row.cell} is not there`)
      if (missing.has(row.cell) && policy === 'omit')
        wrong.push(`${uuid} of ${row.cell} comes behind one that is missing`)
    }
    for (const [cell, uuids] of missing)
      if (!down.has(cell))
        wrong.push(
          `${uuids.length} rows of ${cell} are missing, ${uuids[0]} first; ${chronicle.lastTrouble(cell, ended)}; ${JSON.stringify(cells)}`,
        )
    return wrong
  }

  return {
    checked,
    suspect,
    atLast: () =>
      suspects
        .filter(({ name, started, ended }) => !chronicle.wasTroubled(name, started, ended))
        .map(
          ({ name, reason, started }) =>
            `${name} is down (${reason}) without any trouble: ${chronicle.lastTrouble(name, started)}`,
        ),
    ofRecord,
    ofLabels,
    verdict: answer => {
      const { items, question, cells } = answer
      const { scope } = question
      const wrong = [...ofLabels(answer), ...ofOrder(answer)]
      const up = new Set(cells.filter(({ state }) => state === 'ok').map(({ name }) => name))
      for (const item of items) {
        wrong.push(...ofRecord(item, answer.tagged))
        if (scope !== 'all' && item.project_id !== (scope as { project_id: string }).project_id)
          wrong.push(`${item.uuid} is another tenant's`)
        if (item.stub && (answer.policy !== 'stub' || up.has(item.cell.name)))
          wrong.push(`${item.uuid} is a stub of ${item.cell.name}`)
        if (!item.stub && !question.asksFor(item)) wrong.push(`${item.uuid} was not asked for`)
      }
      if (new Set(items.map(({ uuid }) => uuid)).size < items.length) wrong.push('a record comes twice')
      return [...wrong, ...ofPresence(answer)]
    },
  }
}
