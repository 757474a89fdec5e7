import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCells } from '../../dist/index.js'
import { VISIBLE } from '../data/generate.mjs'
import { timed } from '../measure/rounds.mjs'
import { quantile } from '../measure/statistics.mjs'

const DEADLINE = 1_000

/** A server that accepts connections and never says a word. */
const silent = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crosscell-bench-hung-'))
  const sockets = new Set()
  const server = createServer(socket => sockets.add(socket))
  const path = join(folder, 'socket')
  await new Promise(resolve => server.listen(path, resolve))
  return {
    path,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The first cell hangs. What the page costs, and whether it has the rows of all others. */
export const measureHungCell = async (cloud, rounds) => {
  const hung = await silent()
  const database = `mysql://root@localhost/nova?unix_socket=${hung.path}`
  const [first, ...others] = cloud.cells.map(({ uuid, name, database }) => ({ uuid, name, database }))
  const cells = await openCells({ cells: [{ ...first, database }, ...others] })
  const union = cloud.cells
    .slice(1)
    .map(({ schema }) => `SELECT uuid, created_at, id FROM ${schema}.instances WHERE ${VISIBLE}`)
    .join(' UNION ALL ')
  const expected = (
    await cloud.query(`SELECT uuid FROM (${union}) AS rest ORDER BY created_at DESC, id DESC, uuid LIMIT 100`)
  ).map(([uuid]) => uuid)
  try {
    const took = []
    for (let round = 0; round < Math.min(rounds, 10); round++) {
      const { ms, answer } = await timed(() =>
        cells.instances.list({ scope: 'all', limit: 100 }, { deadline: DEADLINE }),
      )
      if (answer.complete || String(answer.items.map(({ uuid }) => uuid)) !== String(expected))
        throw new Error('a hung cell: not the rows of the others')
      took.push(ms)
    }
    return {
      name: 'hung-cell',
      title: `One cell accepts and never answers: page of 100, deadline ${DEADLINE} ms`,
      measures: [
        {
          contender: 'crosscell, first request',
          runs: 1,
          p50: took[0],
        },
        {
          contender: 'crosscell, requests after it',
          runs: took.length - 1,
          p50: quantile(took.slice(1), 0.5),
          p95: quantile(took.slice(1), 0.95),
        },
      ],
    }
  } finally {
    hung.close()
    await cells.close()
  }
}
