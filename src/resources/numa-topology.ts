import { listOf, mapOf, number, object, or, text } from './json.js'

/** How an instance's CPUs and memory are laid out (nova/objects/instance_numa.py). */
export interface NumaTopology {
  readonly cells: readonly NumaCell[]
  /** `share`, `isolate`, or null. */
  readonly emulator_threads_policy: string | null
}

/** One NUMA node of an instance. */
export interface NumaCell {
  /** The host's NUMA node; -1 without one. */
  readonly id: number
  /** The instance's CPUs that float over the host's. */
  readonly cpuset: readonly number[]
  /** The instance's CPUs that are pinned. Before Nova 22 those are in `cpuset`. */
  readonly pcpuset: readonly number[]
  /** The host's CPUs that the hypervisor has for itself. */
  readonly cpuset_reserved: readonly number[] | null
  /** MiB. */
  readonly memory: number
  /** KiB. */
  readonly pagesize: number | null
  readonly cpu_topology: CpuTopology | null
  /** For each of the instance's CPUs the host's. */
  readonly cpu_pinning: Readonly<Record<string, number>> | null
  /** `dedicated`, `shared`, `mixed`, or null. */
  readonly cpu_policy: string | null
  /** `prefer`, `isolate`, `require`, or null. */
  readonly cpu_thread_policy: string | null
}

/** Sockets, cores of each, threads of each core. */
export interface CpuTopology {
  readonly sockets: number
  readonly cores: number
  readonly threads: number
}

const readCpuTopology = object<CpuTopology>({ sockets: number, cores: number, threads: number })

type StoredNumaCell = Omit<NumaCell, 'cpu_pinning'> & { readonly cpu_pinning_raw: NumaCell['cpu_pinning'] }

const readNumaCell = object<StoredNumaCell>({
  id: number,
  cpuset: listOf(number),
  pcpuset: or(listOf(number), []),
  cpuset_reserved: or(listOf(number), null),
  memory: number,
  pagesize: or(number, null),
  cpu_topology: or(readCpuTopology, null),
  cpu_pinning_raw: or(mapOf(number), null),
  cpu_policy: or(text, null),
  cpu_thread_policy: or(text, null),
})

export const readNumaTopology = object<NumaTopology>({
  cells: listOf(value => {
    const { cpu_pinning_raw: cpu_pinning, ...cell } = readNumaCell(value)
    return { ...cell, cpu_pinning }
  }),
  emulator_threads_policy: or(text, null),
})
