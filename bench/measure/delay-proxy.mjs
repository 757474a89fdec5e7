/**
 * Stands in front of a server and lets every answer wait, as a far cell's does: in a process of its own.
 *
 *   node delay-proxy.mjs SOCKET-OF-THE-SERVER OWN-SOCKET MILLISECONDS
 *
 * Prints a line when it listens, and ends with its standard input.
 */
import { createConnection, createServer } from 'node:net'

const [, , server, own, delay] = process.argv
const proxy = createServer(client => {
  const far = createConnection(server)
  client.on('data', chunk => far.write(chunk))
  // Timers of the same length fire in the order they were set in: so do the chunks arrive.
  far.on('data', chunk => setTimeout(() => client.destroyed || client.write(chunk), Number(delay)))
  client.on('close', () => far.destroy())
  far.on('close', () => client.destroy())
  for (const socket of [client, far]) socket.on('error', () => {})
})
proxy.listen(own, () => console.log('ready'))
process.stdin.on('end', () => process.exit()).resume()
