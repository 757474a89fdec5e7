import { instances } from '../resources/instances.js'
import type { ListQuery, Scope } from '../resources/query.js'
import type { RequestOptions } from '../validation/validator.js'
import type { ListArguments } from './arguments.js'
import { numberOf } from './filter.js'

const PAGE = 100

// The width of a terminal is for what tells instances apart and says where and how they are.
const TABLE_COLUMNS = ['uuid', 'display_name', 'vm_state', 'project_id', 'host', 'created_at', 'cell']

/** The columns to show, `cell` among them, in their sequence. */
export const columnsOf = ({ fields, format }: ListArguments): readonly string[] =>
  fields ?? (format === 'table' ? TABLE_COLUMNS : [...Object.keys(instances.columns), 'cell'])

/** What the library is asked. It is as right as the arguments are: the library checks it. */
export const queryOf = (args: ListArguments): ListQuery<typeof instances> => {
  const { filter, sort, limit, marker, cursor, all } = args
  return {
    scope: scopeOf(args),
    filters: filter,
    sort,
    fields: columnsOf(args).filter(name => name !== 'cell'),
    limit: all ? undefined : limit === undefined ? PAGE : numberOf(limit),
    marker,
    cursor,
  } as ListQuery<typeof instances>
}

/** Who holds the URLs of the databases sees every project anyway, so all of them are the default here. */
const scopeOf = ({ project, user }: ListArguments): Scope => {
  if (project !== undefined) return { project_id: project }
  return user === undefined ? 'all' : { user_id: user }
}

/** What the library is told beside the query. */
export const optionsOf = ({ deadline, downCells }: ListArguments, signal: AbortSignal): RequestOptions =>
  ({
    signal,
    deadline: deadline === undefined ? undefined : numberOf(deadline),
    downCells,
  }) as RequestOptions
