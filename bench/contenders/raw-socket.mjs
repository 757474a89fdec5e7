import { createConnection } from 'node:net'
import { pageOf } from './sql.mjs'

// CLIENT_LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH; not DEPRECATE_EOF: an EOF ends the rows.
const CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000

const packet = (sequence, body) => {
  const head = Buffer.alloc(4)
  head.writeUIntLE(body.length, 0, 3)
  head[3] = sequence
  return Buffer.concat([head, body])
}

/** Who answers an empty password needs no secret, whatever the plugin. */
const login = greeting => {
  const plugin = greeting.subarray(0, -1).toString('latin1').split('\0').at(-1)
  const head = Buffer.alloc(32)
  head.writeUInt32LE(CAPABILITIES, 0)
  head.writeUInt32LE(2 ** 24 - 1, 4)
  head[8] = 33
  return packet(1, Buffer.concat([head, Buffer.from(`root\0\0${plugin}\0`, 'latin1')]))
}

/** Calls `onPacket` with the first byte and the length of each packet; of what is in them it knows nothing. */
const framing = onPacket => {
  let rest
  return chunk => {
    let bytes = rest ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (at + 5 <= bytes.length) {
      const length = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
      if (at + 4 + length > bytes.length) break
      onPacket(bytes[at + 4], length, bytes, at + 4)
      at += 4 + length
    }
    bytes = bytes.subarray(at)
    rest = bytes.length > 0 ? bytes : undefined
  }
}

const connect = socketPath =>
  new Promise((resolve, reject) => {
    const socket = createConnection(socketPath)
    socket.once('error', reject)
    let greeted = false
    const read = framing((first, length, bytes, at) => {
      if (!greeted) {
        greeted = true
        socket.write(login(bytes.subarray(at, at + length)))
      } else if (first === 0) resolve(socket)
      else if (first === 0xff) reject(new Error(bytes.toString('latin1', at + 9, at + length)))
    })
    socket.on('data', read)
  })

const query = (socket, sql) =>
  new Promise((resolve, reject) => {
    const answer = { rows: -1, bytes: 0 }
    let ends = 0
    const read = framing((first, length, bytes, at) => {
      if (first === 0xff) reject(new Error(bytes.toString('latin1', at + 9, at + length)))
      else if (first === 0xfe && length < 9) {
        if (++ends === 2) resolve(answer)
        // The rows begin behind the first end.
        else answer.rows = 0
      } else if (ends === 1) answer.rows++
    })
    socket.removeAllListeners('data')
    socket.on('data', chunk => {
      answer.bytes += chunk.length
      read(chunk)
    })
    socket.write(packet(0, Buffer.from(`\x03${sql}`)))
  })

/** What physics allows: the bytes of the floor's statement arrive and are cut into packets, and nobody reads them. */
export const rawSocket = {
  name: 'raw socket, one cell',
  oneCell: true,
  open: async cloud => {
    const socket = await connect(cloud.socketPath)
    return {
      ask: async question => {
        if (question.detail) return undefined
        const [cell] = question.skewed ? cloud.skewed : cloud.cells
        const sql = pageOf(`${cell.schema}.instances`, question)
        return { list: () => query(socket, sql), show: ({ rows }) => ({ rows }) }
      },
      close: async () => socket.destroy(),
    }
  },
}
