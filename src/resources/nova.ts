/**
 * What Nova's tables have in common: columns that may be NULL, what those that were added to them had before (the defaults of
 * nova/db/main/models.py), and how a row is deleted.
 *
 * @module
 */

export const text = { kind: 'text', nullable: true } as const
export const int = { kind: 'int', nullable: true } as const
export const big = { kind: 'bigint', nullable: true } as const
export const ratio = { kind: 'float', nullable: true } as const
export const bool = { kind: 'bool', nullable: true } as const
export const no = { ...bool, default: false } as const
export const zero = { ...int, default: 0 } as const
export const time = { kind: 'time', nullable: true } as const

/** oslo.db's soft deletion: `deleted` is 0, or the row's id. */
export const live = { column: 'deleted', eq: 0 } as const
export const gone = { column: 'deleted', ne: 0 } as const

/** Shows what is not deleted. */
export const deletedFlag = {
  names: ['deleted'],
  rules: [
    { when: { deleted: true }, shows: [[gone]] },
    { when: { deleted: 'any' }, shows: [] },
    { when: {}, shows: [[live]] },
  ],
} as const
