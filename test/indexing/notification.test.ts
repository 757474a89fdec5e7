import t from 'tap'
import { LARGEST, readNotification } from '../../src/indexing/notification.js'

const UUID = 'a28ecd3f-f005-4e42-84bc-fe34d375a49f'
const OTHER = '11111111-2222-4333-8444-555555555555'

/** A message of event `instance.update`, or another. */
const said = (payload: unknown, more: object = {}): string =>
  JSON.stringify({ event_type: 'instance.update', payload, ...more })
const versioned = (name: string, data: unknown, version = '1.0') => ({
  'nova_object.name': name,
  'nova_object.namespace': 'nova',
  'nova_object.version': version,
  'nova_object.data': data,
})
const enveloped = (message: unknown, version: unknown = '2.0'): string =>
  JSON.stringify({ 'oslo.version': version, 'oslo.message': message })

const hint = (uuid: string, event = 'instance.update') => ({ kind: 'hint', hint: { uuid }, event })
const poison = (why: string) => ({ kind: 'poison', why })

t.test('an envelope of any version, or none', async t => {
  const message = said(versioned('InstanceUpdatePayload', { uuid: UUID }))
  for (const body of [message, enveloped(message), enveloped(message, '3.1'), enveloped(message, 7)]) {
    t.same(readNotification(body), hint(UUID))
    t.same(readNotification(Buffer.from(body)), hint(UUID))
  }
})

t.test(
  'events, payloads and major versions that nobody knows are hints when they name an instance',
  async t => {
    for (const [event_type, payload] of [
      ['instance.share_attach.start', versioned('InstanceActionSharePayload', { uuid: UUID, share_id: OTHER })],
      ['instance.update', versioned('InstanceUpdatePayload', { uuid: UUID }, '47.11')],
      ['instance.teleport', { uuid: UUID }],
      ['server.teleport', versioned('InstanceTeleportPayload', { uuid: UUID })],
      ['server.teleport', versioned('TeleportPayload', { uuid: OTHER, instance_uuid: UUID })],
      [
        'server.teleport',
        versioned('TeleportPayload', { instance: versioned('InstancePayload', { uuid: UUID }) }),
      ],
      ['server.teleport', { instance: { uuid: UUID } }],
      ['compute.instance.teleport', { instance_id: UUID }],
    ] as const)
      t.same(readNotification(said(payload, { event_type })), hint(UUID, event_type))
  },
)

t.test('what has a uuid and is no instance is ignored', async t => {
  for (const [event_type, payload] of [
    ['service.update', versioned('ServiceStatusPayload', { uuid: OTHER })],
    ['server_group.add_member', versioned('ServerGroupPayload', { uuid: OTHER, members: [UUID] })],
    ['volume.usage', versioned('VolumeUsagePayload', { volume_id: OTHER, instance_uuid: null })],
    ['compute_task.build_instances.error', versioned('ComputeTaskPayload', { instance_uuid: 5 })],
    ['aggregate.create', {}],
    ['aggregate.create', { 'nova_object.name': { toString: 1 }, 'nova_object.data': 'text' }],
    ['aggregate.create', { instance: UUID, args: null }],
  ] as const)
    t.same(readNotification(said(payload, { event_type })), {
      kind: 'ignored',
      why: 'no-instance',
      event: event_type,
    })
})

t.test('a uuid is as Nova has it: lower case, with dashes', async t => {
  for (const uuid of [UUID, UUID.toUpperCase(), UUID.replaceAll('-', '')])
    t.same(readNotification(said({ uuid })), hint(UUID), uuid)
})

t.test('what is no uuid is poison where an instance has to be', async t => {
  for (const uuid of [
    undefined,
    null,
    5,
    '',
    [UUID],
    { uuid: UUID },
    `{${UUID}}`,
    ` ${UUID}`,
    `${UUID}\n`,
    `urn:uuid:${UUID}`,
    UUID.slice(1),
    UUID.replace('-', ''),
    UUID.replace('a', 'g'),
  ])
    t.same(readNotification(said({ uuid })), poison('no-uuid'), String(uuid))
})

t.test('when it was said, in milliseconds', async t => {
  const at = (timestamp: unknown) => {
    const read = readNotification(said({ uuid: UUID }, { timestamp }))
    return read.kind === 'hint' && read.hint
  }
  const second = Date.UTC(2026, 7, 21, 21, 1, 48)
  t.same(at('2026-08-21 21:01:48'), { uuid: UUID, at: second })
  t.same(at('2026-08-21 21:01:48.000001'), { uuid: UUID, at: second })
  t.same(at('2026-08-21 21:01:48.123456'), { uuid: UUID, at: second + 123 })
  t.same(at('2026-08-21 21:01:48.999999'), { uuid: UUID, at: second + 999 })
  t.same(at('2026-08-21T21:01:48.5Z'), { uuid: UUID, at: second + 500 })
  t.same(at('1969-12-31 23:59:59'), { uuid: UUID, at: -1000 })
  t.same(at('1970-01-01 00:00:00'), { uuid: UUID, at: 0 })
  for (const none of [
    undefined,
    null,
    5,
    {},
    '',
    'soon',
    '2026-02-30 00:00:00',
    '2026-13-01 00:00:00',
    '2026-08-21 25:00:00',
  ])
    t.same(at(none), { uuid: UUID }, `none: ${JSON.stringify(none)}`)
})

t.test('what is no notification is poison', async t => {
  const bodies: [string, string | Buffer][] = [
    ['not-json', ''],
    ['not-json', '{'],
    ['not-json', Buffer.from(said({ uuid: UUID }), 'utf16le')],
    ['not-json', enveloped('{')],
    ['not-json', enveloped('')],
    ['no-message', 'null'],
    ['no-message', '[]'],
    ['no-message', '"text"'],
    ['no-message', '5'],
    ['no-message', '{}'],
    ['no-message', enveloped('null')],
    ['no-message', enveloped(5)],
    ['no-message', enveloped({ event_type: 'instance.update', payload: { uuid: UUID } })],
    ['no-message', enveloped(enveloped(said({ uuid: UUID })))],
    ['no-message', '{"method":"build_and_run_instance","args":{"instance":{}}}'],
    ['no-message', said([UUID])],
    ['no-message', said(null)],
    ['no-message', said({ uuid: UUID }, { event_type: 5 })],
    ['no-message', said({ uuid: UUID }, { event_type: '' })],
    ['no-message', said({ uuid: UUID }, { event_type: 'instance.update\n' })],
    ['no-message', said({ uuid: UUID }, { event_type: 'x'.repeat(256) })],
  ]
  for (const [why, body] of bodies) t.same(readNotification(body), poison(why), String(body).slice(0, 60))
})

t.test('bytes that are no UTF-8 spoil a name, and no hint', async t => {
  const body = said({ uuid: UUID, display_name: 'Grüße' })
  t.same(readNotification(Buffer.from(body, 'latin1')), hint(UUID))
  t.same(readNotification(Buffer.from(said({ uuid: UUID.replace('a', 'ä') }), 'latin1')), poison('no-uuid'))
})

t.test('__proto__ is a name like any other', async t => {
  const inherited = `{"event_type":"instance.update","payload":{"__proto__":{"uuid":"${UUID}"}}}`
  t.same(readNotification(inherited), poison('no-uuid'))
  t.same(readNotification(`{"__proto__":${said({ uuid: UUID })}}`), poison('no-message'))
  t.equal(({} as { uuid?: string }).uuid, undefined)
})

t.test('4 MB is the largest', async t => {
  const body = said({ uuid: UUID })
  const padded = body.padEnd(LARGEST)
  t.same(readNotification(padded), hint(UUID))
  t.same(readNotification(Buffer.from(`${padded} `)), poison('too-large'))
  t.same(readNotification(`${padded.slice(0, -1)}é`), poison('too-large'), 'in bytes')
})

t.test('however deep it is', async t => {
  const half = LARGEST / 2 - 100
  const deep = '['.repeat(half) + ']'.repeat(half)
  t.same(readNotification(deep), poison('no-message'))
  t.same(
    readNotification(`{"event_type":"instance.update","payload":{"uuid":"${UUID}","x":${deep}}}`),
    hint(UUID),
  )
})
