import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between an index and its node, and does what a node can't be made to do. */
export interface Between extends AsyncDisposable {
  readonly url: string
  /** Answers in the place of the node; false leaves a request to it. */
  answer: (asked: IncomingMessage, answer: ServerResponse) => boolean
}

/** Starts it in front of the node at a URL. */
export const startBetween = async (node: string): Promise<Between> => {
  const server = createServer((asked, answer) => {
    if (between.answer(asked, answer)) return
    const { method, url, headers } = asked
    const passed = request(new URL(url!, node), { method, headers }, said => {
      answer.writeHead(said.statusCode!, said.headers)
      said.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const between: Between = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return between
}
