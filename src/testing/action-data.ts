import { digits, IS_RECENT, kin } from './side-data.js'
import { insert, text } from './sql-text.js'

const ACTIONS = {
  deleted: 'delete',
  'soft-delete': 'delete',
  stopped: 'stop',
  shelved: 'shelve',
  shelved_offloaded: 'shelve',
  paused: 'pause',
  suspended: 'suspend',
  rescued: 'rescue',
  resized: 'resize',
}

const second = `CASE ${Object.entries(ACTIONS)
  .map(([state, action]) => `WHEN i.vm_state = ${text(state)} THEN ${text(action)}`)
  .join(' ')} ELSE 'reboot' END`

const FAILED = "(k.k = 1 AND i.vm_state = 'error')"
const STARTED =
  'IF(k.k = 1, i.created_at, COALESCE(i.updated_at, i.created_at + INTERVAL 1 HOUR) - INTERVAL 5 SECOND)'
const FINISHED = `${STARTED} + INTERVAL 4 SECOND`

/**
 * Fills `instance_actions` and `instance_actions_events` of the recent instances: that each was made,
 * what brought it to its state, and a reboot of one in four others; with one event each.
 */
export const insertActions = (): string[] => [
  insert(
    'instance_actions',
    {
      created_at: STARTED,
      updated_at: FINISHED,
      deleted: '0',
      id: '(i.id - 1) * 2 + k.k',
      action: `IF(k.k = 1, 'create', ${second})`,
      instance_uuid: 'i.uuid',
      request_id: `CONCAT('req-', ${kin("CONCAT('4e0', k.k)")})`,
      user_id: 'i.user_id',
      project_id: 'i.project_id',
      start_time: STARTED,
      finish_time: `IF(i.task_state IS NULL, ${FINISHED}, NULL)`,
      message: `IF(${FAILED}, 'Error', NULL)`,
    },
    `instances AS i CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2) AS k
WHERE ${IS_RECENT} AND (k.k = 1 OR i.vm_state NOT IN ('error', 'active') OR ${digits(33)} < 0.25)`,
  ),
  insert(
    'instance_actions_events',
    {
      created_at: 'a.start_time',
      updated_at: 'a.finish_time',
      deleted: '0',
      id: 'a.id',
      event:
        "IF(a.action = 'create', 'compute__do_build_and_run_instance', CONCAT('compute_', a.action, '_instance'))",
      action_id: 'a.id',
      start_time: 'a.start_time',
      finish_time: 'a.finish_time',
      result: "IF(a.message IS NOT NULL, 'Error', IF(a.finish_time IS NULL, NULL, 'Success'))",
      traceback: "IF(a.message IS NULL, NULL, 'Traceback (most recent call last):\\n  …')",
      host: 'i.host',
      details: "IF(a.message IS NULL, NULL, 'No valid host was found. ')",
    },
    'instance_actions AS a JOIN instances AS i ON i.id = (a.id - 1) DIV 2 + 1',
  ),
]
