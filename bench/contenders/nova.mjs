import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { truthOf } from '../data/truth.mjs'
import { makeNovaTables, novaConfig, novaMissing, PYTHON } from './nova-tables.mjs'

/** What Nova's API service reads for GET /servers/detail at its last microversion; the faults follow. */
const ATTRIBUTES = ['flavor', 'info_cache', 'metadata', 'services', 'system_metadata', 'tags', 'trusted_certs']

const SORTS = {
  time: { sort_keys: [], sort_dirs: [] },
  name: { sort_keys: ['display_name'], sort_dirs: ['desc'] },
}

const start = async cloud => {
  await makeNovaTables(cloud)
  const config = await novaConfig(cloud, 'nova_cell1', 'nova_api')
  const python = spawn(PYTHON, [fileURLToPath(new URL('ask_nova.py', import.meta.url)), config.file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('Nova has ended')
    return JSON.parse(value)
  }
  const { version } = await read()
  // It has been read: nothing is left behind, however this process ends.
  await config.remove()
  return {
    version,
    ask: question => {
      python.stdin.write(`${JSON.stringify(question)}\n`)
      return read()
    },
    close: async () => {
      python.stdin.end()
      await once(python, 'exit')
    },
  }
}

/** Nova's own list of all cells, asked in a Python process that takes its own time. */
export const nova = async (cloud, say) => {
  const missing = await novaMissing(cloud)
  if (missing) {
    say(missing)
    return []
  }
  const process = await start(cloud)
  return [
    {
      name: `Nova ${process.version}`,
      mayDiffer: true,
      ask: async question => {
        if (question.skewed || question.fields || (question.detail && !question.asRest)) return undefined
        const { scope, limit, sort } = question
        const { before } = await truthOf(cloud, question)
        const asked = {
          ...{ scope, limit, marker: before?.uuid, ...SORTS[sort] },
          attributes: question.detail ? ATTRIBUTES : [],
          faults: question.detail !== undefined,
        }
        const list = async () => {
          const answer = await process.ask(asked)
          if (answer.down?.length > 0) throw new Error('Nova misses a cell')
          return answer
        }
        return {
          run: async () => {
            const { ms, cpu } = await list()
            return { ms, cpu }
          },
          show: async () => {
            const { uuids, error: failure } = await list()
            return { uuids, failure }
          },
        }
      },
      close: process.close,
    },
  ]
}
