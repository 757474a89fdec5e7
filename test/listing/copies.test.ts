import t from 'tap'
import { API_DATABASE } from '../../src/cells/build-requests.js'
import type { InstanceMappings } from '../../src/cells/instance-mappings.js'
import { copyJudge } from '../../src/listing/copies.js'
import { openDeadline } from '../../src/listing/deadline.js'
import type { Plan } from '../../src/listing/plan.js'
import { rollCall } from '../../src/listing/roll-call.js'

// A build request that gets its cell between two statements of one request can't be had from real servers.
t.test('a build request that becomes a row while it is listed comes once', async t => {
  const cell1 = { uuid: 'c1', name: 'cell1' }
  const plan = { instance: 0, cells: [{ cell: cell1 }, { cell: API_DATABASE }] } as unknown as Plan
  const mappings: Pick<InstanceMappings, 'outdated' | 'unreadable'> = {
    outdated: async () => new Map(),
    unreadable: async () => new Set(),
  }
  const deadline = openDeadline(1_000, undefined)
  t.teardown(() => deadline.close())
  const judged = async (...rounds: [uuid: string, origin: number][][]) => {
    const judge = copyJudge(mappings as InstanceMappings, plan, rollCall([cell1, API_DATABASE]))
    const current: string[] = []
    for (const round of rounds) {
      const winners = { rows: round.map(([uuid]) => [uuid]), origins: round.map(([, origin]) => origin) }
      const { isCurrent } = await judge(winners, deadline)
      for (const [uuid, origin] of round) if (isCurrent([uuid], origin)) current.push(`${uuid} ${origin}`)
    }
    return current
  }
  const [request, row, other]: [string, number][] = [
    ['u', 1],
    ['u', 0],
    ['v', 0],
  ]
  t.same(await judged([request!, other!, row!]), ['v 0', 'u 0'], 'the row, when both are there')
  t.same(await judged([other!, row!, request!]), ['v 0', 'u 0'])
  t.same(await judged([request!], [other!, row!]), ['u 1', 'v 0'], 'the request, when it has come already')
})
