import { computeNodes, services } from '../resources/hosts.js'
import { instanceActions } from '../resources/instance-actions.js'
import { instances } from '../resources/instances.js'
import { migrations } from '../resources/migrations.js'
import type { Resource } from '../resources/resource.js'

/** What commands can be about, by name. */
export const resources = {
  instances,
  migrations,
  instance_actions: instanceActions,
  services,
  compute_nodes: computeNodes,
} satisfies Readonly<Record<string, Resource>>

/** What `--resource` takes. */
export type ResourceName = keyof typeof resources
