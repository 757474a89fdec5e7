import { execSync } from 'node:child_process'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import type { IndexDocument, Key } from '../../src/search/search-index.js'
import { pick, randomFrom } from '../../src/testing/conformance/random.js'
import { startOpenSearch } from './opensearch-node.js'

const N = Number(process.argv[2] ?? 200_000)
const random = randomFrom(7)
const KEYS: Record<string, 'number' | 'text'> = {}
for (const k of [
  'id',
  'memory_mb',
  'vcpus',
  'root_gb',
  'ephemeral_gb',
  'power_state',
  'vm_state_n',
  'launch_index',
  'progress',
  'deleted',
  'hidden',
  'locked',
  'auto_disk_config',
  'cleaned',
  'disable_terminate',
  'shutdown_terminate',
])
  KEYS[k] = 'number'
for (const k of [
  'cell',
  'uuid',
  'display_name',
  'display_description',
  'hostname',
  'host',
  'node',
  'project_id',
  'user_id',
  'created_at',
  'updated_at',
  'launched_at',
  'terminated_at',
  'deleted_at',
  'vm_state',
  'task_state',
  'image_ref',
  'kernel_id',
  'ramdisk_id',
  'key_name',
  'availability_zone',
  'reservation_id',
  'config_drive',
  'root_device_name',
  'access_ip_v4',
  'access_ip_v6',
  'locked_by',
  'os_type',
  'architecture',
  'vm_mode',
])
  KEYS[k] = 'text'
const shape = {
  keys: KEYS,
  owners: ['project_id', 'user_id'],
  members: ['tags', 'instance_metadata', 'instance_system_metadata'],
  texts: ['display_name', 'display_description', 'hostname', 'tags', 'metadata', 'addresses', 'host', 'node'],
  orders: [['created_at', 'id']],
}
const hex = (n: number) => Array.from({ length: n }, () => random(16).toString(16)).join('')
const words = ['web', 'db', 'cache', 'proxy', 'batch', 'api', 'worker', 'node', 'kube', 'mail', 'test', 'prod']
const recordPad = JSON.stringify({ pad: hex(1800) })
const doc = (i: number): IndexDocument => {
  const name = `${pick(random, words)}-${random(1_000_000)}`
  const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`
  const t = `2026-0${1 + random(9)}-1${random(9)} 1${random(9)}:${10 + random(49)}:${10 + random(49)}.${random(1e6)}`
  const host = `compute-${random(300)}`
  const project = `p${random(1000)}`
  const keys: Record<string, Key> = {}
  for (const k of Object.keys(KEYS))
    keys[k] = KEYS[k] === 'number' ? random(8) : random(2) ? null : `v${random(5)}`
  Object.assign(keys, {
    cell: `c${random(10)}`,
    id: i,
    uuid,
    display_name: name,
    hostname: name,
    host,
    node: host,
    project_id: project,
    user_id: `u${random(5000)}`,
    created_at: t,
    updated_at: t,
    launched_at: t,
    vm_state: pick(random, ['active', 'active', 'active', 'active', 'stopped', 'error', 'building']),
    reservation_id: `r-${hex(8)}`,
    image_ref: `img-${random(200)}`,
    display_description: name,
  })
  const meta = Array.from({ length: 4 }, () => `key${random(30)}=value${random(20000)}`)
  const ip = `10.${random(256)}.${random(256)}.${random(256)}`
  return {
    cell: keys.cell as string,
    uuid,
    version: 1000 + i,
    digest: random(2 ** 31),
    keys,
    folds: {},
    owners: { project_id: project, user_id: keys.user_id as string },
    members: {
      tags: [`tag${random(100)}`],
      instance_metadata: meta,
      instance_system_metadata: Array.from({ length: 8 }, (_, j) => `image_prop${j}\u0001${random(50)}`),
    },
    addresses: [{ digits: `0a${hex(6)}`, text: ip }],
    texts: {
      display_name: [name],
      display_description: [name],
      hostname: [name],
      tags: [`tag${random(100)}`],
      metadata: meta.flatMap(m => m.split('=')),
      addresses: [ip],
      host: [host],
      node: [host],
    },
    record: recordPad,
  }
}
const { signal } = new AbortController()
const node = await startOpenSearch(['-Xms1g', '-Xmx1g'])
try {
  const index = openSearchIndex({ node: node.url, replicas: 0 })
  const stamp = async <T>(what: string, work: () => Promise<T>, times = 1) => {
    const ms: number[] = []
    let r: T | undefined
    for (let i = 0; i < times; i++) {
      const s = performance.now()
      r = await work()
      ms.push(performance.now() - s)
    }
    ms.sort((a, b) => a - b)
    const n = Array.isArray(r)
      ? r.length && typeof r[0] === 'object' && 'count' in (r[0] as any)
        ? JSON.stringify(r.slice(0, 2).map((x: any) => x.count))
        : `n=${r.length}`
      : ''
    console.log(
      what.padEnd(44),
      `p50 ${ms[Math.floor(times / 2)]!.toFixed(1)} ms  max ${ms.at(-1)!.toFixed(1)}`,
      n,
    )
    return r!
  }
  const g = await index.create(shape, '{}', true, signal)
  let made = 0
  let gen = 0
  const s = performance.now()
  const turn = async () => {
    while (made < N) {
      const from = made
      made += 1000
      const s0 = performance.now()
      const docs = Array.from({ length: 1000 }, (_, i) => doc(from + i))
      gen += performance.now() - s0
      await index.write(g, docs, signal)
    }
  }
  await Promise.all([turn(), turn()])
  console.log(
    'load',
    Math.round((N / (performance.now() - s)) * 1000),
    'docs/s; generator share',
    (gen / (performance.now() - s)).toFixed(2),
  )
  const f = performance.now()
  await index.finish(g, signal)
  console.log('finish', Math.round(performance.now() - f))
  console.log(
    await (await fetch(`${node.url}/_cat/indices?v&h=index,docs.count,store.size,pri.store.size`)).text(),
  )
  const files = () =>
    console.log(
      execSync(
        `cd /dev/shm/crosscell-*/data/node_1/data && find . -path '*/index/*' -type f -printf '%s %f\n' | sed 's/ .*[.]/ /' | awk '{a[$2]+=$1} END {for (i in a) print a[i], i}' | sort -rn | head -14`,
      ).toString(),
    )
  files()
  if (process.argv[3]) {
    await index.close()
    await node.stop()
    process.exit()
  }
  let k = 0
const base = {
    where: [],
    sort: [
      { by: 'key', key: 'created_at', dir: 'desc' },
      { by: 'key', key: 'id', dir: 'desc' },
      { by: 'uuid' },
    ] as any,
    limit: 100,
  }
  for (const round of [1, 2]) {
    console.log('round', round)
    await stamp('default order, first page', () => index.find(g, base, signal), 20)
    const mid = await index.find(g, { ...base, after: ['2026-05-12 12:00:00', 5, ''] }, signal)
    await stamp('deep page', () => index.find(g, { ...base, after: mid.at(-1)!.at }, signal), 20)
    await stamp(
      'by memory_mb asc',
      () =>
        index.find(
          g,
          {
            ...base,
            sort: [
              { by: 'key', key: 'memory_mb', dir: 'asc' },
              { by: 'key', key: 'id', dir: 'asc' },
              { by: 'uuid' },
            ],
          },
          signal,
        ),
      20,
    )
    await stamp(
      'by name',
      () =>
        index.find(
          g,
          {
            ...base,
            sort: [
              { by: 'key', key: 'display_name', dir: 'asc' },
              { by: 'key', key: 'id', dir: 'asc' },
              { by: 'uuid' },
            ],
          },
          signal,
        ),
      20,
    )
    await stamp(
      'project',
      () => index.find(g, { ...base, where: [{ owner: 'project_id', eq: 'p7' }] }, signal),
      20,
    )
    const like = (key: string, ...l: string[]): any => ({
      like: key,
      pattern: l.flatMap((x): any => (x === '*' ? [{ any: 'more' as const }] : [{ literal: x }])),
    })
    await stamp(
      'like name %web-12%',
      () => index.find(g, { ...base, where: [like('display_name', '*', `web-${12 + k++ % 80}`, '*')] }, signal),
      10,
    )
    await stamp(
      'like name web-12%',
      () => index.find(g, { ...base, where: [like('display_name', `web-${12 + k++ % 80}`, '*')] }, signal),
      10,
    )
    await stamp(
      'like host %te-12%',
      () => index.find(g, { ...base, where: [like('host', '*', `te-${12 + k++ % 80}`, '*')] }, signal),
      10,
    )
    await stamp(
      'like name in project',
      () =>
        index.find(
          g,
          { ...base, where: [{ owner: 'project_id', eq: 'p7' }, like('display_name', '*', `web-${12 + k++ % 80}`, '*')] },
          signal,
        ),
      10,
    )
    const F = shape.texts
    for (const [w, fields] of [
      [`web-${12 + k++ % 80}`, F],
      [`web-${12 + k++ % 80}`, ['display_name']],
      ['web-123456', F],
      ['proxy', F],
      ['e', F],
      ['e-', F],
      ['10.12.3', F],
      ['value1999', F],
      ['zzzz', F],
    ] as const)
      await stamp(
        `text ${w} in ${fields.length}`,
        () => index.find(g, { ...base, text: { words: [w], fields } }, signal),
        10,
      )
    await stamp('tally vm_state', () => index.tally(g, { where: [] }, ['vm_state'], 100, signal), 5)
    await stamp('tally host', () => index.tally(g, { where: [] }, ['host'], 500, signal), 5)
    await stamp(
      'tally vm_state where project',
      () => index.tally(g, { where: [{ owner: 'project_id', eq: 'p7' }] }, ['vm_state'], 100, signal),
      5,
    )
    await stamp(
      'tally vm_state, host',
      () => index.tally(g, { where: [] }, ['vm_state', 'host'], 10_000, signal),
      3,
    )
    await stamp('count', () => index.tally(g, { where: [] }, [], 1, signal), 5)
    await stamp(
      'count range',
      () => index.tally(g, { where: [{ key: 'created_at', is: 'gt', value: '2026-05' }] }, [], 1, signal),
      5,
    )
    await stamp('buckets c1', () => index.buckets(g, 'c1', signal), 3)
    await stamp(
      'scan 10000',
      () => index.scan(g, { cell: 'c1', prefix: '', after: '', limit: 10_000 }, signal),
      3,
    )
    await stamp('page of 10000', () => index.find(g, { ...base, limit: 10_000 }, signal), 3)
  }
  if (process.argv[3]) console.log(await (await fetch(`${node.url}/_disk_usage_na`)).text())
  await index.close()
} finally {
  await node.stop()
}
