import type { ConformanceCase } from './conformance/case.js'
import { ending } from './conformance/ending.js'
import { finding } from './conformance/finding.js'
import { generations } from './conformance/generations.js'
import { noting } from './conformance/noting.js'
import { paging } from './conformance/paging.js'
import { searching } from './conformance/searching.js'
import { sweeping } from './conformance/sweeping.js'
import { tallying } from './conformance/tallying.js'
import { writing } from './conformance/writing.js'

export type { ConformanceCase } from './conformance/case.js'

/** {@link indexConformance}, with other random data. */
export const conformanceOf = (seed: number): readonly ConformanceCase[] => [
  ...generations,
  ...writing(seed),
  ...finding(seed),
  ...paging(seed),
  ...searching(seed),
  ...tallying(seed),
  ...sweeping(seed),
  ...noting,
  ...ending,
]

/**
 * All that an index has to do, whatever test runner it is for. A case makes a generation of its own and drops it when it is passed.
 *
 * @example
 * ```ts
 * for (const { name, run } of indexConformance)
 *   test(name, () => run(openIndex(), openIndex))
 * ```
 */
export const indexConformance = conformanceOf(1)
