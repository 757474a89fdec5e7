/** What AMQP calls it, as amqplib puts it into its messages: `404 (NOT-FOUND) with message "…"`. The rest holds names. */
const SAID = /\b\d{3} \(([A-Z-]+)\)/

/** What amqplib says in words of its own. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['connect ETIMEDOUT', 'ETIMEDOUT'],
  ['Heartbeat timeout', 'HEARTBEAT_TIMEOUT'],
  ['Unexpected close', 'CLOSED'],
  ['Socket closed abruptly during opening handshake', 'CLOSED'],
  ['message nacked', 'PUBLISH_REFUSED'],
])

/** The symbol of what went wrong: AMQP's own, the system's, OpenSSL's. Never any text, which may hold names and addresses. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  const said = SAID.exec(message)?.[1]?.replaceAll('-', '_')
  return said ?? (typeof code === 'string' ? code : WORDS.get(message)) ?? 'PROTOCOL_ERROR'
}

/** What has its symbol already. */
export class BusError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}
