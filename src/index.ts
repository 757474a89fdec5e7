/**
 * Lists the instances of a cloud whose records are spread over many cell databases.
 *
 * @packageDocumentation
 */

export type { BreakerSettings } from './cells/breaker.js'
export { API_DATABASE } from './cells/build-requests.js'
export type { CellName } from './cells/cell.js'
export type { CellMapping } from './cells/directory.js'
export { CELL0_UUID } from './cells/directory.js'
export type { TlsOptions } from './cells/pool.js'
export * from './errors.js'
export type { Advice } from './listing/advice.js'
export type {
  Count,
  FacetKey,
  FacetsOf,
  Fields,
  Found,
  Listed,
  Lister,
  Missed,
  NoOptions,
  Page,
  Relations,
  Rows,
  Searcher,
  SearchPage,
  SortKeys,
  Stub,
} from './listing/answer.js'
export type { AskOptions, CellAnswer } from './listing/ask-all.js'
export type { Capacity, CellCapacity, Figures } from './listing/capacity.js'
export type { Cells, CellsConfig } from './listing/cells.js'
export type { CellExplanation, Deciding, Explained, Explanation } from './listing/explain.js'
export type { Facet, FacetValue } from './listing/facets.js'
export type { Highlights, Mark } from './listing/highlight.js'
export { openCells } from './listing/open-cells.js'
export type { Used } from './listing/read-usage.js'
export type { CellReport, CellState } from './listing/roll-call.js'
export type { BuildRequests } from './listing/sources.js'
export type { CellStatus, Health, IndexStatus, Status, StatusOptions } from './listing/status.js'
export type { Usage, UsageQuery, UsageReport } from './listing/usage.js'
export {
  type BreakerMessage,
  type IndexingMessage,
  type KillMessage,
  type Listeners,
  type Messages,
  observe,
  type RequestEnd,
  type RequestStart,
  type StatementEnd,
  type ToldCell,
  type ToldReport,
} from './observability.js'
export type { Column, Columns, RowOf, ValueOf } from './resources/column.js'
export { type Defined, defineResource, type ResourceDefinition } from './resources/define-resource.js'
export type {
  Address,
  CpuTopology,
  DeviceMetadata,
  Documents,
  Flavor,
  HeldResource,
  Json,
  JsonObject,
  Keypair,
  NumaCell,
  NumaTopology,
  PciRequest,
  RequestedImage,
  RequestSpec,
} from './resources/documents.js'
export { computeNodes, services } from './resources/hosts.js'
export { instanceActions } from './resources/instance-actions.js'
export type { Instance } from './resources/instances.js'
export { instances } from './resources/instances.js'
export { migrations } from './resources/migrations.js'
export type { FilterOperators } from './resources/operator.js'
export type {
  AddressInput,
  CatchUpQuery,
  CountQuery,
  FilterInput,
  Filters,
  FlagInput,
  FlagName,
  FromCell,
  FromIndex,
  GetQuery,
  IncludedValue,
  Item,
  IterateQuery,
  ListQuery,
  Notes,
  Scope,
  SearchQuery,
  SortInput,
  SpecialInputs,
} from './resources/query.js'
export type {
  FlagCondition,
  FlagGroup,
  FlagRule,
  IncludedRelation,
  IncludedRows,
  Indexed,
  LabelMatch,
  Relation,
  Resource,
  SpecialFilter,
} from './resources/resource.js'
export type { Freshness, Swept } from './search/freshness.js'
export type { Decision, Reason } from './search/planner.js'
export type { SearchIndex } from './search/search-index.js'
export type { ColumnKind, Value } from './sql/codec.js'
export type { Access } from './sql/explain.js'
export type { RowCondition } from './sql/select-related.js'
export type { RequestOptions, SearchOptions } from './validation/validator.js'
