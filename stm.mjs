import { openCloud } from './bench/data/cloud.mjs'
import { wholeResource } from './dist/indexing/parts.js'
import { instances } from './dist/index.js'
import { selectDigests, selectDigestsUnder } from './dist/sql/digest.js'
import { createConnection } from 'mysql2/promise'
const cloud = await openCloud({ kind: 'mariadb', cells: 10, instances: 100000 }, console.log)
const c = await createConnection({ socketPath: cloud.socketPath, user: 'root', database: cloud.cells[1].schema, rowsAsArray: true })
const [u] = await c.query('SELECT uuid FROM instances ORDER BY id LIMIT 50000,1000')
const uuids = u.map(x => x[0])
const w = wholeResource(instances)
const time = async (label, text, values) => { const q = c.format(text, values); await c.query(q); const t = performance.now(); let n; for (let i = 0; i < 5; i++) n = (await c.query(q))[0].length; console.log(((performance.now() - t) / 5).toFixed(2).padStart(8), 'ms', n, label) }
for (const p of [w.parts.own, ...w.parts.sides]) {
  const s = selectDigests(p, uuids)
  console.log(s.text.length, s.text.slice(-60)); await time("IN " + p.table, s.text, s.values)
  const [e] = await c.query('EXPLAIN ' + c.format(s.text, s.values)); console.log('          ', e.map(r => r.slice(3).join(' | ')).join(' // '))
  await time('IN no group ' + p.table, s.text.replace(/ GROUP BY.*/, '').replace('MOD(SUM(', '((').replace(', 4294967296)', ')'), s.values)
  const t = selectDigestsUnder(p, '0a'); await time('LIKE ' + p.table, t.text, t.values)
}
await c.end(); await cloud.close(); process.exit()
