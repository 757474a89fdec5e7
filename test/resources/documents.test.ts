import { readFileSync } from 'node:fs'
import t from 'tap'
import { type Documents, readers } from '../../src/resources/documents.js'

/** As Nova itself writes them; made by nova_documents.py. */
const written = JSON.parse(
  readFileSync(new URL('fixtures/nova-documents.json', import.meta.url), 'utf8'),
) as Record<string, string>

const UUID = '11111111-1111-4111-8111-111111111111'
const small = {
  ...{ id: 5, name: 'm1.small', flavorid: 'f1', memory_mb: 2048, vcpus: 1, root_gb: 20, ephemeral_gb: 0 },
  ...{ swap: 0, extra_specs: { 'hw:cpu_policy': 'dedicated' } },
}
const requested = {
  ...{ flavor: small, num_instances: 1, project_id: 'p', user_id: 'u' },
}

/** Which of Nova's documents each reader reads, and what it has to make of it. */
const expected: readonly (readonly [written: string, read: keyof Documents, value: unknown])[] = [
  ['flavor', 'flavor', { ...small, name: 'm1.large' }],
  ['flavor', 'old_flavor', small],
  ['flavor', 'new_flavor', null],
  [
    'keypairs',
    'keypairs',
    [{ name: 'laptop', type: 'ssh', public_key: 'ssh-rsa AAAA', fingerprint: 'aa:bb', user_id: 'u' }],
  ],
  ['trusted_certs', 'trusted_certs', ['c1', 'c2']],
  [
    'numa_topology',
    'numa_topology',
    {
      cells: [
        {
          ...{ id: 0, cpuset: [0], pcpuset: [1, 2, 3], cpuset_reserved: [7], memory: 1024, pagesize: 4 },
          cpu_topology: { sockets: 1, cores: 2, threads: 1 },
          ...{ cpu_pinning: { 1: 5, 2: 6 }, cpu_policy: 'mixed', cpu_thread_policy: null },
        },
        {
          ...{ id: -1, cpuset: [], pcpuset: [4, 5], cpuset_reserved: null, memory: 512, pagesize: null },
          ...{ cpu_topology: null, cpu_pinning: null, cpu_policy: null, cpu_thread_policy: null },
        },
      ],
      emulator_threads_policy: 'share',
    },
  ],
  [
    'pci_requests',
    'pci_requests',
    [
      {
        ...{ count: 1, spec: [{ vendor_id: '10de', product_id: null }], alias_name: 'gpu', request_id: UUID },
        ...{ requester_id: null, numa_policy: 'legacy' },
      },
    ],
  ],
  [
    'device_metadata',
    'device_metadata',
    [
      {
        ...{ device: 'NetworkInterfaceMetadata', bus: 'PCIDeviceBus', address: '0000:00:02.0', tags: ['nic1'] },
        ...{ mac: 'fa:16:3e:00:00:01', vlan: 7, vf_trusted: true, serial: null, path: null },
      },
      {
        ...{ device: 'DiskMetadata', bus: 'SCSIDeviceBus', address: '0:0:0:1', tags: ['db'] },
        ...{ mac: null, vlan: null, vf_trusted: null, serial: 's1', path: '/dev/vdb' },
      },
    ],
  ],
  [
    'resources',
    'resources',
    [
      {
        ...{ provider_uuid: UUID, resource_class: 'CUSTOM_PMEM_NAMESPACE_4GB', identifier: 'ns0' },
        metadata: { label: '4GB', name: 'ns0', size: 4292870144, devpath: '/dev/dax0.0', align: 2097152 },
      },
    ],
  ],
  [
    'vcpu_model',
    'json',
    {
      ...{ arch: 'x86_64', vendor: 'Intel', topology: { sockets: 1, cores: 2, threads: 1 } },
      ...{
        features: [{ policy: 'require', name: 'vmx' }],
        mode: 'host-model',
        model: 'Broadwell',
        match: 'exact',
      },
    },
  ],
  [
    'request_spec',
    'request_spec',
    {
      ...requested,
      availability_zone: 'az1',
      scheduler_hints: { group: ['g1'], same_host: ['h1', 'h2'] },
      image: { id: UUID, name: 'debian-12' },
    },
  ],
  [
    'request_spec_of_a_volume',
    'request_spec',
    { ...requested, availability_zone: null, scheduler_hints: {}, image: { id: null, name: null } },
  ],
]

t.test('Nova’s own documents', async t => {
  for (const [name, read, value] of expected) t.same(readers[read](written[name]!), value, `${name} as ${read}`)
  const context = readers.json(written.migration_context!)
  t.match(context, {
    migration_id: 7,
    old_numa_topology: { cells: [{ cpu_pinning_raw: { 1: 5, 2: 6 } }, { memory: 512 }] },
    new_pci_devices: { objects: [{ address: '0000:04:00.1', status: 'allocated' }] },
    new_resources: null,
  })
  t.notMatch(JSON.stringify(context), /nova_object/)
})

const VERSION = /"nova_object\.version": "1\.\d+"/g
const withVersion = (document: string, at: number, version: string): string => {
  let seen = -1
  return document.replace(VERSION, old => (++seen === at ? `"nova_object.version": "${version}"` : old))
}

t.test('any minor version of every object reads alike, with fields that are not known', async t => {
  for (const [name, read, value] of expected)
    for (const version of ['1.0', '1.99']) {
      const document = written[name]!.replaceAll(VERSION, `"nova_object.version": "${version}"`).replaceAll(
        /"nova_object\.data": \{(?!\})/g,
        '"nova_object.data": {"surprise": {"nova_object.version": "7.0", "nova_object.data": {}}, ',
      )
      if (read === 'json' || read === 'resources')
        t.throws(() => readers[read](document), 'what has no shape is read whole')
      else t.same(readers[read](document), value, `${name} as ${read}`)
    }
})

t.test('another major version is unreadable, wherever it is read', async t => {
  const passedOver = /ImageMetaProps|InstancePCIRequest|SchedulerLimits/
  let tried = 0
  for (const [name, read] of expected) {
    if (name === 'flavor') continue
    const document = written[name]!
    for (const [at, { index }] of [...document.matchAll(VERSION)].entries()) {
      const [of] = document.slice(0, index).match(/"nova_object\.name": "\w+"(?!.*"nova_object\.name")/)!
      const other = withVersion(document, at, '2.0')
      const what = `${name}, object ${at}: ${of}`
      if (passedOver.test(of)) t.doesNotThrow(() => readers[read](other), what)
      else t.throws(() => readers[read](other), what)
      tried++
    }
  }
  t.ok(tried > 25, `${tried} objects`)
  t.throws(() => readers.flavor(withVersion(written.flavor!, 0, '2.0')))
  t.doesNotThrow(() => readers.flavor(withVersion(written.flavor!, 1, '2.0')), 'the old one does not matter')
  t.throws(() => readers.old_flavor(withVersion(written.flavor!, 1, '2.0')))
  for (const version of ['', '1', '1.', 'x', '11.0', '1.0.1'])
    t.throws(() => readers.trusted_certs(withVersion(written.trusted_certs!, 0, version)), version)
})

/** Those that an empty object says something to. */
const EMPTY = new Set<keyof Documents>(['json', 'old_flavor', 'new_flavor'])

t.test('what is cut off, or something else, is unreadable', async t => {
  for (const [name, read] of expected) {
    const document = written[name]!
    for (let end = 0; end < document.length; end += 7) t.throws(() => readers[read](document.slice(0, end)))
    for (const other of ['', 'null', '1', '"x"', 'true', '[1]', '[null]', '{"nova_object.data": 1}'])
      t.throws(() => readers[read](other), `${read}: ${other}`)
    if (!EMPTY.has(read)) t.throws(() => readers[read]('{}'), `${read}: {}`)
  }
})

t.test('what older objects lack', async t => {
  const bare = { cells: [{ id: 0, cpuset: [0, 1], memory: 512 }] }
  t.same(readers.numa_topology(JSON.stringify(bare)), {
    cells: [
      {
        ...{ id: 0, cpuset: [0, 1], pcpuset: [], cpuset_reserved: null, memory: 512, pagesize: null },
        ...{ cpu_topology: null, cpu_pinning: null, cpu_policy: null, cpu_thread_policy: null },
      },
    ],
    emulator_threads_policy: null,
  })
  const { extra_specs: _, ...flavor } = small
  t.same(readers.flavor(JSON.stringify({ cur: flavor })), { ...flavor, extra_specs: {} })
  t.same(readers.new_flavor(JSON.stringify({ cur: flavor })), null)
  t.same(readers.request_spec(JSON.stringify({ flavor })), {
    flavor: { ...flavor, extra_specs: {} },
    ...{ availability_zone: null, scheduler_hints: {}, image: null, num_instances: 1 },
    ...{ project_id: null, user_id: null },
  })
  t.match(readers.device_metadata('{"devices": [{"nova_object.name": "DiskMetadata"}]}'), [
    { device: 'DiskMetadata', bus: null, address: null, tags: [] },
  ])
  t.throws(() => readers.device_metadata('{"devices": [{}]}'), 'what it is must be said')
  t.throws(() => readers.device_metadata('{"devices": [null]}'))
  t.match(
    readers.resources('{"objects": [{"provider_uuid": "u", "resource_class": "c", "identifier": "i"}]}'),
    [{ metadata: null }],
  )
  t.same(readers.keypairs('{"objects": []}'), [])
  t.same(readers.pci_requests('[]'), [])
})

t.test('a value of another type is unreadable', async t => {
  for (const [read, document] of [
    ['flavor', { cur: { ...small, vcpus: '1' } }],
    ['flavor', { cur: { ...small, name: 1 } }],
    ['flavor', { cur: { ...small, extra_specs: ['a'] } }],
    ['flavor', { cur: { ...small, extra_specs: { a: 1 } } }],
    ['trusted_certs', { ids: 'c1' }],
    ['keypairs', { objects: [{ name: 'k' }] }],
    ['device_metadata', { devices: [{ 'nova_object.name': 'DiskMetadata', vf_trusted: 'yes' }] }],
  ] as const)
    t.throws(() => readers[read](JSON.stringify(document)), JSON.stringify(document))
})

t.test('addresses, fixed and floating', async t => {
  const vif = {
    address: 'fa:16:3e:00:00:01',
    network: {
      label: 'private',
      subnets: [
        { ips: [{ address: '10.0.0.5', version: 4, floating_ips: [{ address: '192.0.2.7', version: 4 }] }] },
        { ips: [{ address: '2001:db8::5', version: 6 }] },
      ],
    },
  }
  const one = { network: 'private', mac: vif.address }
  const all = [
    { ...one, address: '10.0.0.5', version: 4, type: 'fixed' },
    { ...one, address: '192.0.2.7', version: 4, type: 'floating' },
    { ...one, address: '2001:db8::5', version: 6, type: 'fixed' },
  ]
  t.same(readers.addresses(JSON.stringify([vif])), all)
  t.same(
    readers.addresses(JSON.stringify([{ ...vif, network: { ...vif.network, label: null } }])),
    all.map(address => ({ ...address, network: null })),
    'Nova did not find the network',
  )
  t.same(readers.addresses('[]'), [])
  for (const text of ['', '{}', '[{"network": tru', '[{}]']) t.throws(() => readers.addresses(text), text)
})
