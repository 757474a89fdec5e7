import { defineResource } from './define-resource.js'

const text = { kind: 'text', nullable: true } as const
const int = { kind: 'int', nullable: true } as const
const big = { kind: 'bigint', nullable: true } as const
const bool = { kind: 'bool', nullable: true } as const
const time = { kind: 'time', nullable: true } as const

/** Nova's `migrations`: moves of instances between hosts (nova/db/main/api.py, migration_get_all_by_filters). */
export const migrations = defineResource({
  name: 'migrations',
  columns: {
    created_at: time,
    updated_at: time,
    deleted_at: time,
    id: { kind: 'int' },
    uuid: text,
    instance_uuid: text,
    status: text,
    migration_type: {
      kind: 'enum',
      nullable: true,
      members: ['migration', 'resize', 'live-migration', 'evacuation'],
    },
    source_compute: text,
    dest_compute: text,
    source_node: text,
    dest_node: text,
    dest_host: text,
    old_instance_type_id: int,
    new_instance_type_id: int,
    memory_total: big,
    memory_processed: big,
    memory_remaining: big,
    disk_total: big,
    disk_processed: big,
    disk_remaining: big,
    cross_cell_move: bool,
    hidden: bool,
    deleted: int,
    user_id: text,
    project_id: text,
  },
  scope: { project_id: 'project_id', user_id: 'user_id' },
  sortKeys: [
    'created_at',
    'updated_at',
    'id',
    'uuid',
    'instance_uuid',
    'status',
    'migration_type',
    'source_compute',
    'dest_compute',
    'source_node',
    'dest_node',
    'dest_host',
    'hidden',
    'cross_cell_move',
    'user_id',
    'project_id',
  ],
  defaultSort: ['created_at:desc', 'id:desc'],
  flags: [
    {
      names: ['deleted'],
      rules: [
        { when: { deleted: true }, shows: [[{ column: 'deleted', ne: 0 }]] },
        { when: { deleted: 'any' }, shows: [] },
        { when: {}, shows: [[{ column: 'deleted', eq: 0 }]] },
      ],
    },
    {
      // Nova shows hidden ones unless it is asked not to.
      names: ['hidden'],
      rules: [
        { when: { hidden: true }, shows: [[{ column: 'hidden', eq: 1 }]] },
        { when: { hidden: false }, shows: [[{ column: 'hidden', eq: 0 }]] },
        { when: {}, shows: [] },
      ],
    },
  ],
  filters: {
    host: { kind: 'either', columns: ['source_compute', 'dest_compute'] },
    node: { kind: 'either', columns: ['source_node', 'dest_node'] },
    changes_since: { kind: 'bound', column: 'updated_at', op: 'gte' },
    changes_before: { kind: 'bound', column: 'updated_at', op: 'lte' },
  },
})
