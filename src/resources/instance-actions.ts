import { defineResource } from './define-resource.js'
import { deletedFlag, live, text, time, zero } from './nova.js'

/**
 * Nova's `instance_actions`: what was done with instances (nova/db/main/models.py). They have no uuid: a request's id names
 * one action for each instance that the request was about.
 */
export const instanceActions = defineResource({
  name: 'instance_actions',
  columns: {
    created_at: time,
    updated_at: time,
    deleted_at: time,
    id: { kind: 'int' },
    action: text,
    instance_uuid: text,
    request_id: text,
    user_id: text,
    project_id: text,
    start_time: time,
    finish_time: time,
    message: text,
    deleted: zero,
  },
  uuid: null,
  mapped: 'instance_uuid',
  scope: { project_id: 'project_id', user_id: 'user_id' },
  sortKeys: [
    'created_at',
    'updated_at',
    'id',
    'action',
    'instance_uuid',
    'request_id',
    'user_id',
    'project_id',
    'start_time',
    'finish_time',
  ],
  defaultSort: ['created_at:desc', 'id:desc'],
  flags: [deletedFlag],
  filters: {
    changes_since: { kind: 'bound', column: 'updated_at', op: 'gte' },
    changes_before: { kind: 'bound', column: 'updated_at', op: 'lte' },
  },
  relations: {
    events: {
      shape: 'rows',
      relation: { table: 'instance_actions_events', column: 'action_id', references: 'id', only: [live] },
      columns: {
        event: text,
        start_time: time,
        finish_time: time,
        result: text,
        traceback: text,
        host: text,
        details: text,
      },
    },
  },
})
