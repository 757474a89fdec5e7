/**
 * Lists the instances of a cloud whose records are spread over many cell databases.
 *
 * @packageDocumentation
 */

export type { CellName } from './cells/cell.js'
export type { TlsOptions } from './cells/connection.js'
export type { CellMapping } from './cells/directory.js'
export { CELL0_UUID } from './cells/directory.js'
export * from './errors.js'
export type { Count, Fields, Lister, Page, Relations, Rows, SortKeys } from './listing/answer.js'
export { type Cells, type CellsConfig, openCells } from './listing/open-cells.js'
export type { CellReport, CellState } from './listing/roll-call.js'
export type { Column, Columns, RowOf, ValueOf } from './resources/column.js'
export { type Defined, defineResource, type ResourceDefinition } from './resources/define-resource.js'
export type { Address, Documents, Flavor } from './resources/documents.js'
export { computeNodes, services } from './resources/hosts.js'
export type { Instance } from './resources/instances.js'
export { instances } from './resources/instances.js'
export { migrations } from './resources/migrations.js'
export type { FilterOperators } from './resources/operator.js'
export type {
  AddressInput,
  CountQuery,
  FilterInput,
  Filters,
  FlagInput,
  FlagName,
  FromCell,
  GetQuery,
  IncludedValue,
  Item,
  IterateQuery,
  ListQuery,
  Scope,
  SortInput,
  SpecialInputs,
} from './resources/query.js'
export type {
  FlagCondition,
  FlagGroup,
  FlagRule,
  IncludedRelation,
  LabelMatch,
  Relation,
  Resource,
  SpecialFilter,
} from './resources/resource.js'
export type { ColumnKind } from './sql/codec.js'
export type { RequestOptions } from './validation/validator.js'
