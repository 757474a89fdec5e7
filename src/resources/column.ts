import type { ColumnKind } from '../sql/codec.js'

/** One column of a resource. */
export interface Column {
  readonly kind: ColumnKind
  /** The column may hold NULL. Default: false. */
  readonly nullable?: boolean
  /** The members of an `enum`, in the order of the column's definition, which is the order they sort in. */
  readonly members?: readonly string[]
  /**
   * What the column reads as in a cell whose table does not have it, as while a cloud is upgraded. Default: null where it is nullable;
   * otherwise such a cell is out of the answers that need the column.
   */
  readonly default?: string | number | boolean
}

/** The columns of a resource by name. */
export type Columns = Readonly<Record<string, Column>>

/** The TypeScript type of a column's values. */
export type ValueOf<C extends Column> =
  | (C['kind'] extends 'int' | 'float'
      ? number
      : C['kind'] extends 'bool'
        ? boolean
        : C extends { readonly members: readonly (infer Member extends string)[] }
          ? Member
          : string)
  | (C extends { readonly nullable: true } ? null : never)

/** The TypeScript type of a row with these columns. */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> }
