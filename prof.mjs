import { mkdtempSync, rmSync } from 'node:fs'
import { openCloud } from './bench/data/cloud.mjs'
import { openCells } from './dist/index.js'
import { createIndexer } from './dist/indexing/index.js'
import { embeddedIndex } from './dist/search/embedded/index.js'
import { memoryIndex } from './dist/testing/index.js'
const cloud = await openCloud({ kind: 'mariadb', cells: 10, instances: 100000 }, console.log)
const folder = mkdtempSync('/tmp/prof-')
const nul = () => { const m = memoryIndex(); return { ...m, write: async (g, docs) => docs.map(() => 'written'), finish: async (...a) => m.finish(...a) } }
const index = process.argv[2] === 'null' ? nul() : embeddedIndex({ path: folder + '/index.db' })
const [{ uuid, name, database }] = cloud.cells.slice(1)
const cells = await openCells({ cells: [{ uuid, name, database }], index })
const indexer = createIndexer(cells)
import { readFileSync } from 'node:fs'
const dbCpu = () => { const f = readFileSync(`/proc/${cloud.server.pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) * 10000 }
const d0 = dbCpu(); const c0 = process.cpuUsage(), t0 = performance.now()
const ending = new AbortController(); let filled
try {
const built = await indexer.rebuild({ signal: ending.signal, progress: p => { if (p.phase !== 'filling' && !filled) { filled = performance.now() - t0; const c = process.cpuUsage(c0); console.log('filled', p.documents, filled, 'cpu/doc us', (c.user + c.system) / p.documents, 'db', (dbCpu() - d0) / p.documents); if (process.argv[2] === 'null') ending.abort() } } })
const c = process.cpuUsage(c0)
console.log(built, 'process cpu us/doc', (c.user + c.system) / built.documents)
const t1 = performance.now()
console.log(await indexer.verify({ repair: false }), performance.now() - t1)
} catch (e) { console.log(e) }
await cells.close(); await cloud.close(); rmSync(folder, { recursive: true }); process.exit()
