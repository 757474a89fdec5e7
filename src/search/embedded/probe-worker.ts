import { parentPort } from 'node:worker_threads'
import Database from 'libsql/promise'

const twice = (n: number): number => n * 2
const never = (n: number): number => n * 3
const db = new Database(':memory:', {})
parentPort!.on('message', async (n: number) => {
  const statement = await db.prepare('SELECT sum(value) FROM generate_series(1, 3)').catch(() => undefined)
  parentPort!.postMessage([n > 5 ? never(n) : twice(n), String(statement)])
  if (n < 0) parentPort!.close()
})
