import { type Flavor, readFlavor } from './flavor.js'
import { listOf, mapOf, number, object, or, text } from './json.js'

/** What the user asked for when the instance was made, or moved last (nova/objects/request_spec.py). */
export interface RequestSpec {
  /** The zone that the instance is bound to, which the user named; null when none did. REST's `pinned_availability_zone`. */
  readonly availability_zone: string | null
  /** What the user told the scheduler. REST's `scheduler_hints`. */
  readonly scheduler_hints: Readonly<Record<string, readonly string[]>>
  readonly flavor: Flavor
  /** Null, or without an id, when the instance has its system on a volume. */
  readonly image: RequestedImage | null
  /** How many instances were made by the same request. */
  readonly num_instances: number
  readonly project_id: string | null
  readonly user_id: string | null
}

/** An image as it was when it was asked for. */
export interface RequestedImage {
  readonly id: string | null
  readonly name: string | null
}

export const readRequestSpec = object<RequestSpec>({
  availability_zone: or(text, null),
  scheduler_hints: or(mapOf(listOf(text)), {}),
  flavor: readFlavor,
  image: or(object<RequestedImage>({ id: or(text, null), name: or(text, null) }), null),
  num_instances: or(number, 1),
  project_id: or(text, null),
  user_id: or(text, null),
})
