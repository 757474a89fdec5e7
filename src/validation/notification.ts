import { Ajv, type ValidateFunction } from 'ajv'

/** oslo.messaging's envelope since 2.0. Without it, the message itself is the body. */
export interface Envelope {
  readonly 'oslo.message': string
}

/** What there is in every notification, of whichever format and version. */
export interface Notification {
  readonly event_type: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly timestamp?: unknown
}

// Only what a hint is made of: a message of a Nova to come must not fail for what is new in it.
const SCHEMAS = {
  envelope: {
    type: 'object',
    required: ['oslo.message'],
    properties: { 'oslo.message': { type: 'string' } },
  },
  notification: {
    type: 'object',
    required: ['event_type', 'payload'],
    properties: {
      // Names of events are shown: nothing else gets by as one.
      event_type: { type: 'string', pattern: '^[\\w.-]{1,255}$' },
      payload: { type: 'object' },
    },
  },
}

interface Validators {
  readonly envelope: ValidateFunction<Envelope>
  readonly notification: ValidateFunction<Notification>
}

let compiled: Validators | undefined

const validators = (): Validators => {
  if (compiled === undefined) {
    const ajv = new Ajv()
    compiled = { envelope: ajv.compile(SCHEMAS.envelope), notification: ajv.compile(SCHEMAS.notification) }
  }
  return compiled
}

export const isEnvelope = (body: unknown): body is Envelope => validators().envelope(body)

export const isNotification = (message: unknown): message is Notification => validators().notification(message)
