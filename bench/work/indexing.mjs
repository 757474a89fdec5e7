import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCells } from '../../dist/index.js'
import { createIndexer } from '../../dist/indexing/index.js'
import { embeddedIndex } from '../../dist/search/embedded/index.js'
import { quantile } from '../measure/statistics.mjs'

/** Changes a second, and for how many seconds. */
const CHANGES = 500
const SECONDS = 20
/** Hints that come as fast as they are taken. */
const HINTS = 50_000

/** A feed that says what it is told to say. */
const manual = () => {
  let sink
  let stopped
  return {
    feed: {
      name: 'bench',
      run: (own, signal) => {
        sink = own
        return new Promise(resolve => {
          stopped = resolve
          signal.addEventListener('abort', resolve, { once: true })
        })
      },
      status: () => ({ name: 'bench', cell: null }),
    },
    stop: () => stopped?.(),
    hint: async hint => {
      while (sink === undefined) await sleep(10)
      while ((await sink.hint(hint)) !== 'applied') await sleep(10)
    },
  }
}

/** Writes to some instances of each cell, as Nova does, and takes it back in the end. */
const changing = async (cloud, count, work) => {
  const touched = []
  for (const { schema } of cloud.cells) {
    const rows = await cloud.query(
      `SELECT uuid, progress, updated_at FROM ${schema}.instances WHERE deleted = 0 ORDER BY uuid LIMIT ${Math.ceil(count / cloud.cells.length)}`,
    )
    for (const [uuid, progress, updated] of rows) touched.push({ schema, uuid, progress, updated })
  }
  try {
    return await work(touched.slice(0, count))
  } finally {
    for (const { schema, uuid, progress, updated } of touched)
      await cloud.query(`UPDATE ${schema}.instances SET progress = ?, updated_at = ? WHERE uuid = ?`, [
        progress,
        updated,
        uuid,
      ])
  }
}

const write = (cloud, { schema, uuid }) =>
  cloud.query(
    `UPDATE ${schema}.instances SET progress = COALESCE(progress, 0) + 1, updated_at = UTC_TIMESTAMP() WHERE uuid = ?`,
    [uuid],
  )

/** What it takes to fill an index and to keep it true. */
export const measureIndexing = async (cloud, say) => {
  const folder = mkdtempSync(join(tmpdir(), 'crosscell-bench-'))
  const index = embeddedIndex({ path: join(folder, 'index.db') })
  const cells = await openCells({ apiDatabase: cloud.apiDatabase, index, buildRequests: 'none' })
  const { feed, stop, hint } = manual()
  const indexer = createIndexer(cells, { feeds: [feed] })
  const ending = new AbortController()
  try {
    let told = 0
    const built = await indexer.rebuild({
      progress: ({ phase, documents, rate }) => {
        if (performance.now() - told < 10_000) return
        told = performance.now()
        say(`${phase}: ${documents.toLocaleString('en')} documents, ${Math.round(rate)}/s`)
      },
    })
    say(`rebuilt ${JSON.stringify(built)}`)
    const rebuilt = {
      contender: 'rebuild, with its comparison',
      runs: 1,
      rowsReturned: built.documents,
      rate: (built.documents * 1_000) / built.ms,
    }

    const since = performance.now()
    const found = await indexer.verify({ repair: false })
    const swept = performance.now() - since
    if (found.some(({ drift, error }) => drift > 0 || error !== null)) throw new Error(JSON.stringify(found))
    const fetched = found.reduce((sum, { rows }) => sum + rows, 0)
    const records = found.reduce((sum, { records }) => sum + records, 0)
    say(`swept in ${swept} ms, ${fetched} rows for ${records}`)

    const running = indexer.run({ signal: ending.signal })
    const hinted = await changing(cloud, HINTS, async touched => {
      for (const one of touched) await write(cloud, one)
      const from = performance.now()
      let next = 0
      const ask = async () => {
        while (next < touched.length) await hint({ uuid: touched[next++].uuid })
      }
      await Promise.all(Array.from({ length: 2_000 }, ask))
      return (touched.length * 1_000) / (performance.now() - from)
    })
    say(`hints: ${hinted}/s`)

    const lags = await changing(cloud, CHANGES * SECONDS, async touched => {
      const lags = []
      const from = performance.now()
      const under = []
      for (const [i, one] of touched.entries()) {
        const due = from + (i * 1_000) / CHANGES
        if (due > performance.now()) await sleep(due - performance.now())
        await write(cloud, one)
        const at = performance.now()
        under.push(hint({ uuid: one.uuid }).then(() => lags.push(performance.now() - at)))
      }
      await Promise.all(under)
      return lags
    })
    say(`lag: p50 ${quantile(lags, 0.5)}, p99 ${quantile(lags, 0.99)} ms`)
    ending.abort()
    stop()
    await running
    return [
      { name: 'indexing-rebuild', title: 'Rebuild beside the cells', measures: [rebuilt] },
      {
        name: 'indexing-sweep',
        title: 'Comparing everything, nothing differs',
        measures: [{ contender: 'sweep', runs: 1, p50: swept, rowsReturned: records, rowsFetched: fetched }],
      },
      {
        name: 'indexing-hints',
        title: `${HINTS.toLocaleString('en')} hints, reads included`,
        measures: [{ contender: 'embedded', runs: 1, rate: hinted }],
      },
      {
        name: 'indexing-lag',
        title: `${CHANGES} changes a second, from the commit to the index`,
        measures: [
          {
            contender: 'embedded',
            runs: lags.length,
            p50: quantile(lags, 0.5),
            p95: quantile(lags, 0.95),
            p99: quantile(lags, 0.99),
          },
        ],
      },
    ]
  } finally {
    ending.abort()
    await cells.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
