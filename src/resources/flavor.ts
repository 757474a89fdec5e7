import { mapOf, member, number, object, or, text } from './json.js'

/** A flavor as it was when the instance got it (nova/objects/flavor.py). */
export interface Flavor {
  readonly id: number
  readonly name: string
  readonly flavorid: string
  /** MiB. */
  readonly memory_mb: number
  readonly vcpus: number
  /** GiB. */
  readonly root_gb: number
  /** GiB. */
  readonly ephemeral_gb: number
  /** MiB. */
  readonly swap: number
  readonly extra_specs: Readonly<Record<string, string>>
}

export const readFlavor = object<Flavor>({
  id: number,
  name: text,
  flavorid: text,
  memory_mb: number,
  vcpus: number,
  root_gb: number,
  ephemeral_gb: number,
  swap: number,
  extra_specs: or(mapOf(text), {}),
})

// instance_extra.flavor holds three (nova/objects/instance.py, _save_flavor). The others are there from a resize until it is confirmed.
export const readCurrentFlavor = member('cur', readFlavor)
export const readOldFlavor = member('old', or(readFlavor, null))
export const readNewFlavor = member('new', or(readFlavor, null))
