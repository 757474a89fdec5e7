import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url))

/** What of a cloud a process can be told. */
const dataOf = ({ socketPath, apiDatabase, cells, skewed, front }) => ({
  ...{ socketPath, apiDatabase, cells, skewed, front },
})

/** A host of a contender. It ends with this process, however this one ends. */
const start = async (cloud, name) => {
  const child = fork(HOST, [name], { execArgv: [], serialization: 'advanced' })
  const exited = once(child, 'exit')
  const waiting = new Map()
  let last = 0
  const ended = () => new Error(`${name}: its process has ended`)
  child.on('message', ({ id, error, value }) => {
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    if (error) reject(error)
    else resolve(value)
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(ended())
  })
  const call = (verb, ...values) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      child.send({ id, verb, values }, error => error && reject(ended()))
    })
  await call('open', dataOf(cloud))
  return {
    call,
    close: async () => {
      if (child.connected) {
        await call('close')
        child.disconnect()
      }
      await exited
    },
  }
}

/**
 * A contender in a process of its own, which takes its own time: what one leaves to the garbage collector, no other pays for. It
 * is started with its first question, and holds one question at a time: the last one.
 */
export const ownProcess = (cloud, { name, oneCell, mayDiffer }) => {
  let host
  return {
    ...{ name, oneCell, mayDiffer },
    ask: async question => {
      host ??= await start(cloud, name)
      if (!(await host.call('ask', question))) return undefined
      return {
        run: () => host.call('run'),
        show: () => host.call('show'),
        load: (width, ms) => host.call('load', width, ms),
        held: () => host.call('held'),
      }
    },
    close: async () => host?.close(),
  }
}
