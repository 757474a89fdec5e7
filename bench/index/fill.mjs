/** An index of a cloud's instances; the embedded one is made once and kept beside the cloud's data. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabases } from '../../dist/cells/databases.js'
import { declaredCell } from '../../dist/cells/declared-cell.js'
import { openLimiter } from '../../dist/cells/limiter.js'
import { instances, openCells } from '../../dist/index.js'
import { declaredTables } from '../../dist/resources/declared.js'
import { documentOf } from '../../dist/search/document.js'
import { embeddedIndex } from '../../dist/search/embedded/index.js'
import { frameOf } from '../../dist/search/frame.js'
import { FORM, readLayout } from '../../dist/search/layout.js'
import { AS_OF } from '../../dist/search/open-index.js'
import { wholeInclude, wholeOf } from '../../dist/search/whole-resource.js'
import { dataFolder } from '../data/cache.mjs'

const { signal } = new AbortController()
const BATCH = 5_000

const layoutOf = async where => {
  const databases = await openDatabases({
    apiDatabase: where.apiDatabase,
    cells: where.cells,
    disabledCells: false,
    directoryTtl: 60_000,
    pool: { connections: 2 },
    cell: {
      limiter: openLimiter({ statements: 10, rows: 100_000, bytes: 1e9 }),
      breaker: undefined,
      now: () => performance.now(),
      random: Math.random,
    },
  })
  try {
    const tables = declaredTables(instances)
    return await readLayout(
      instances,
      databases.cells.current().map(cell => declaredCell(cell, tables)),
      signal,
    )
  } finally {
    await databases.close()
  }
}

/**
 * Fills an index with all that is in the cells of an API database, or in these cells. What went into it, and how fast: documents are made ready
 * before the clock runs.
 */
export const load = async (where, index, say) => {
  const layout = await layoutOf(where)
  const frame = frameOf(instances, layout)
  const cells = await openCells(where)
  const whole = cells.of(wholeOf(instances))
  const generation = await index.create(frame.shape, JSON.stringify(layout), true, signal)
  const everything = {
    scope: 'all',
    filters: { deleted: 'any', hidden: 'any' },
    sort: ['id'],
    include: wholeInclude(instances),
  }
  let documents = 0
  let ms = 0
  let batch = []
  const version = Date.now() * 1_000
  const write = async () => {
    const start = performance.now()
    const outcomes = await index.write(generation, batch, signal)
    ms += performance.now() - start
    if (outcomes.some(outcome => outcome !== 'written')) throw new Error('a document was not written')
    documents += batch.length
    batch = []
    if (documents % 100_000 === 0) say(`${documents.toLocaleString('en')} documents …`)
  }
  for await (const record of whole.iterate(everything, { deadline: 600_000 })) {
    batch.push(documentOf(frame, { cell: record.cell.uuid, uuid: record.uuid, version, digest: 1 }, record))
    if (batch.length === BATCH) await write()
  }
  if (batch.length > 0) await write()
  const start = performance.now()
  await index.finish(generation, signal)
  ms += performance.now() - start
  await index.switchTo(generation, signal)
  await cells.close()
  return { documents, ms }
}

/** Says that an index is as new as the cells are, which nobody writes to. */
export const setNew = async (index, cells) => {
  const current = (await index.generations(signal)).find(one => one.current)
  const notes = await index.notes(current.name, AS_OF, signal)
  for (const { uuid } of cells) {
    const revision = notes.get(AS_OF + uuid)?.revision ?? 0
    const value = JSON.stringify({ asOf: Date.now() * 1_000 })
    await index.setNote(current.name, AS_OF + uuid, { value, revision }, signal)
  }
}

/** Opens the embedded one. */
export const openFilledIndex = async (cloud, say) => {
  const shape = { kind: cloud.kind, cells: cloud.cells.length, instances: cloud.instances }
  const folder = `${dataFolder(shape)}-index-${FORM}`
  const facts = join(folder, 'facts.json')
  if (!existsSync(facts)) {
    const making = `${folder}.making`
    rmSync(making, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
    await mkdir(making, { recursive: true })
    say('making the index …')
    const index = embeddedIndex({ path: join(making, 'index.db') })
    const loaded = await load({ apiDatabase: cloud.apiDatabase, buildRequests: 'none' }, index, say)
    await index.close()
    const bytes = readdirSync(making).reduce((sum, name) => sum + statSync(join(making, name)).size, 0)
    writeFileSync(join(making, 'facts.json'), JSON.stringify({ ...loaded, bytes }))
    renameSync(making, folder)
  }
  const index = embeddedIndex({ path: join(folder, 'index.db') })
  await setNew(index, cloud.cells)
  return { index, ...JSON.parse(readFileSync(facts, 'utf8')) }
}
