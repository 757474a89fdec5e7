import t from 'tap'
import { readers } from '../../src/resources/documents.js'

const object = (data: object, version = '1.2') => ({
  'nova_object.name': 'Flavor',
  'nova_object.namespace': 'nova',
  'nova_object.version': version,
  'nova_object.data': data,
})
const small = {
  ...{ id: 1, name: 'small', flavorid: 'f1', memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0, swap: 0 },
  extra_specs: { 'hw:cpu_policy': 'dedicated' },
}

t.test('a flavor, of any minor version', async t => {
  for (const version of ['1.0', '1.2', '1.99'])
    t.same(
      readers.flavor(
        JSON.stringify({ cur: object({ ...small, new_field: [object({})] }, version), old: null }),
      ),
      small,
    )
  const { extra_specs: _, ...bare } = small
  t.same(readers.flavor(JSON.stringify({ cur: object(bare) })), { ...small, extra_specs: {} })
})

t.test('what is no flavor', async t => {
  for (const text of [
    '',
    '{',
    'null',
    '{}',
    '[]',
    '{"cur": null}',
    JSON.stringify({ cur: object(small, '2.0') }),
  ])
    t.throws(() => readers.flavor(text), text)
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
  t.same(readers.addresses(JSON.stringify([vif])), [
    { ...one, address: '10.0.0.5', version: 4, type: 'fixed' },
    { ...one, address: '192.0.2.7', version: 4, type: 'floating' },
    { ...one, address: '2001:db8::5', version: 6, type: 'fixed' },
  ])
  t.same(readers.addresses('[]'), [])
  for (const text of ['', '{}', '[{"network": tru', '[{}]']) t.throws(() => readers.addresses(text), text)
})
