import { channel } from 'node:diagnostics_channel'

/** A cell's breaker went from one state to another. */
export interface BreakerMessage {
  readonly cell: { readonly uuid: string; readonly name: string }
  readonly state: 'closed' | 'open' | 'half-open'
}

const breakers = channel('crosscell:breaker')

/** Says that a cell's breaker has changed. */
export const publishBreaker = (message: BreakerMessage): void => {
  if (breakers.hasSubscribers) breakers.publish(message)
}
