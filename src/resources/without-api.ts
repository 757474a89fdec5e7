import type { Resource } from './resource.js'

/** A resource without its relations in the API database: what can be asked of cells that were given without one. */
export const withoutApi = (resource: Resource): Resource => ({
  ...resource,
  relations: Object.fromEntries(
    Object.entries(resource.relations).filter(([, { relation }]) => relation.database !== 'api'),
  ),
})
