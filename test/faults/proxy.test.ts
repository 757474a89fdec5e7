import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openFaultProxy } from './fixtures/fault-proxy.js'
import { eachPacket, statementIn } from './fixtures/packets.js'

/** A server that greets, and answers each statement with its text, a hundred times. */
const arrived: string[] = []
const sockets = new Set<Socket>()
const server = createServer(socket => {
  sockets.add(socket.on('close', () => sockets.delete(socket)))
  socket.on('error', () => {})
  socket.write('hello')
  socket.on(
    'data',
    eachPacket(packet => {
      const text = statementIn(packet)!
      arrived.push(text)
      socket.write(text.repeat(100))
    }),
  )
}).listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => {
  server.close()
  for (const socket of sockets) socket.destroy()
})
const { port } = server.address() as AddressInfo

const packet = (text: string): Buffer => {
  const header = Buffer.from([0, 0, 0, 0, 3])
  header.writeUIntLE(text.length + 1, 0, 3)
  return Buffer.concat([header, Buffer.from(text)])
}

/** A client that remembers what it hears. */
const dial = async (t: Test, address: number | string) => {
  const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address)
  t.teardown(() => socket.destroy())
  let text = ''
  let error: string | undefined
  socket.on('data', bytes => {
    text += bytes.toString('latin1')
  })
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    error = code
  })
  const closed = new Promise(resolve => socket.on('close', resolve))
  await Promise.race([once(socket, 'connect').catch(() => {}), closed])
  return {
    socket,
    ask: (text: string) => void socket.write(packet(text)),
    /** Resolves with all that was heard, when it is so long. */
    hears: async (length: number): Promise<string> => {
      while (text.length < length) await once(socket, 'data')
      return text
    },
    get heard() {
      return text
    },
    /** Resolves with the error that the connection ended with, if it was one. */
    over: async () => {
      await closed
      return error
    },
  }
}

const open = async (t: Test, listen?: string) => {
  const proxy = await openFaultProxy(port, listen)
  t.teardown(() => proxy.close())
  return proxy
}
const hello = 'hello'.length

t.test('without a fault everything passes, over TCP and over a unix socket', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'crosscell-proxy-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const listen of [undefined, join(folder, 'socket')]) {
    const proxy = await open(t, listen)
    const client = await dial(t, proxy.address)
    client.ask('one')
    t.equal(await client.hears(hello + 300), `hello${'one'.repeat(100)}`)
    t.equal(proxy.clients, 1)
    await proxy.close()
    t.equal(await client.over(), undefined)
    t.equal(proxy.clients, 0)
  }
})

t.test('packets arrive whole, however they are cut', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  for (const byte of packet('bytewise')) client.socket.write(Buffer.from([byte]))
  client.socket.write(Buffer.concat([packet('a'), packet('b')]))
  await client.hears(hello + 1_000)
  t.same(arrived.splice(0), ['one', 'one', 'bytewise', 'a', 'b'])
})

t.test('a statement is held, and let go', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  const held = proxy.hold('stop', 2)
  client.ask('stop 1')
  client.ask('stop 2')
  const release = await held
  await client.hears(hello + 600)
  t.same(arrived.splice(0), ['stop 1'])
  release()
  await client.hears(hello + 1_200)
  t.same(arrived.splice(0), ['stop 2'])
})

t.test('refuse', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await proxy.aim('refuse')
  t.equal(await client.over(), undefined)
  t.equal(await (await dial(t, proxy.address)).over(), 'ECONNREFUSED')
  await proxy.heal()
  t.equal(await (await dial(t, proxy.address)).hears(hello), 'hello')
})

t.test('hang at connect', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await proxy.aim('hang at connect')
  t.equal(await client.over(), undefined)
  const mute = await dial(t, proxy.address)
  mute.ask('anybody?')
  await proxy.heal()
  await mute.over()
  t.equal(mute.heard, '')
  t.same(arrived, [])
})

t.test('a fault strikes at a statement', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await client.hears(hello)
  const struck = proxy.aim('refuse', { word: 'fatal' })
  client.ask('harmless')
  await client.hears(hello + 800)
  client.ask('fatal')
  await struck
  t.equal(await client.over(), undefined)
  t.same(arrived.splice(0), ['harmless'])
})

t.test('hang mid-result: after so many bytes, and it goes on when it is healed', async t => {
  const proxy = await open(t)
  const [client, other] = [await dial(t, proxy.address), await dial(t, proxy.address)]
  await Promise.all([client.hears(hello), other.hears(hello)])
  const struck = proxy.aim('hang mid-result', { word: 'long', after: 7 })
  client.ask('long')
  await struck
  t.equal(await client.hears(hello + 7), 'hellolonglon')
  other.ask('quick')
  await other.hears(hello + 500)
  t.equal(client.heard.length, hello + 7)
  await proxy.heal()
  t.equal(await client.hears(hello + 400), `hello${'long'.repeat(100)}`)
  client.ask('more')
  await client.hears(hello + 800)
  arrived.splice(0)
})

t.test('cut mid-packet, and again as long as it is not healed', async t => {
  const proxy = await open(t)
  const struck = proxy.aim('cut mid-packet', { word: 'long', nth: 2, after: 7 })
  const first = await dial(t, proxy.address)
  first.ask('long 1')
  await first.hears(hello + 600)
  first.ask('long 2')
  await struck
  t.equal(await first.over(), undefined)
  t.equal(first.heard.length, hello + 600 + 7)
  const second = await dial(t, proxy.address)
  await second.hears(hello)
  second.ask('long 3')
  await second.over()
  t.equal(second.heard, 'hellolong 3l')
  await proxy.heal()
  const third = await dial(t, proxy.address)
  third.ask('long 4')
  await third.hears(hello + 600)
  arrived.splice(0)
})

t.test('slow drip', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await client.hears(hello)
  const struck = proxy.aim('slow drip', { word: 'slow' })
  client.ask('slow')
  await struck
  t.equal(client.heard.length, hello)
  await client.hears(hello + 2)
  t.ok(client.heard.length < hello + 200, `${client.heard.length}`)
  await proxy.heal()
  t.equal(await client.hears(hello + 400), `hello${'slow'.repeat(100)}`)
  arrived.splice(0)
})

t.test('reset: at the n-th connection, and those behind it', async t => {
  const proxy = await open(t)
  const struck = proxy.aim('reset', { nth: 2 })
  const first = await dial(t, proxy.address)
  await first.hears(hello)
  t.equal(await (await dial(t, proxy.address)).over(), 'ECONNRESET')
  await struck
  t.equal(await (await dial(t, proxy.address)).over(), 'ECONNRESET')
  first.ask('still here')
  await first.hears(hello + 1_000)
  arrived.splice(0)
})

t.test('garbage bytes: as many as the answer has', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await client.hears(hello)
  void proxy.aim('garbage bytes', { word: '', after: 2 })
  client.ask('sense')
  const heard = await client.hears(hello + 500)
  t.equal(heard.slice(0, hello + 2), 'hellose')
  t.equal(heard.length, hello + 500)
  t.not(heard.slice(hello), 'sense'.repeat(100))
  await proxy.heal()
  await client.over()
  arrived.splice(0)
})

t.test('half-open: the server never hears of the client again, not of its end either', async t => {
  const proxy = await open(t)
  const client = await dial(t, proxy.address)
  await client.hears(hello)
  await proxy.aim('half-open')
  client.ask('anybody?')
  const late = await dial(t, proxy.address)
  t.equal(await late.hears(hello), 'hello', 'what the server says arrives')
  late.ask('anybody?')
  for (const { socket } of [client, late]) socket.destroy()
  while (proxy.clients > 0) await new Promise(setImmediate)
  const upstream = [...sockets]
  t.equal(upstream.length, 2)
  await proxy.heal()
  await Promise.all(upstream.map(socket => once(socket, 'close')))
  t.same(arrived, [])
})
