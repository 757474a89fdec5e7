import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startMariaDB } from '../../dist/testing/index.js'
import { toolFolder } from '../data/cache.mjs'
import { ownProcess } from './own-process.mjs'
import { spiderClient } from './spider-client.mjs'

const run = promisify(execFile)

/** Debian's package is unpacked into the cache, not installed: it would bring a MariaDB service with it. */
const plugins = async version => {
  const folder = toolFolder(`spider-${version}`)
  const found = join(folder, 'usr/lib/mysql/plugin')
  if (!existsSync(found)) {
    mkdirSync(folder, { recursive: true })
    await run('apt-get', ['download', 'mariadb-plugin-spider'], { cwd: folder })
    const [deb] = readdirSync(folder).filter(name => name.endsWith('.deb'))
    await run('dpkg-deb', ['-x', deb, '.'], { cwd: folder })
  }
  return found
}

const remote = (cloud, { name, schema }, at) =>
  `PARTITION ${name} VALUES IN (${at}) COMMENT = 'host "localhost", socket "${cloud.socketPath}", user "root", database "${schema}", table "instances"'`

/** One table over all cells: rows are where they are, so that the rule of the partitions only has to have one for each cell. */
const tableOf = async cloud => {
  const [[, ddl]] = await cloud.query(`SHOW CREATE TABLE ${cloud.cells[0].schema}.instances`)
  const columns = ddl
    .split('\n')
    .filter(line => line.startsWith('  `'))
    .map(line => line.replace(/ AUTO_INCREMENT/, '').replace(/,$/, ''))
  const keys = ['KEY (id)', 'KEY (uuid)', 'KEY (project_id, deleted)', 'KEY (deleted, created_at)']
  return `CREATE TABLE cloud.instances (${[...columns, ...keys].join(', ')}) ENGINE=SPIDER COMMENT='wrapper "mysql"'
    PARTITION BY LIST (id % ${cloud.cells.length}) (${cloud.cells.map((cell, at) => remote(cloud, cell, at)).join(', ')})`
}

/** MariaDB's own engine for tables that are spread over servers, on a server in front of the cells. */
export const spider = async (cloud, say) => {
  if (cloud.kind !== 'mariadb') return []
  let server
  try {
    const folder = await plugins(cloud.version)
    server = await startMariaDB({ args: [`--plugin-dir=${folder}`, '--plugin-load-add=ha_spider.so'] })
    await server.query('CREATE DATABASE cloud')
    await server.query(await tableOf(cloud))
  } catch (error) {
    say(`Spider is not here: ${error.message.trim().split('\n').at(-1)}`)
    await server?.stop()
    return []
  }
  const client = ownProcess({ ...cloud, front: server.socketPath }, spiderClient)
  return [
    {
      ...client,
      close: async () => {
        await client.close()
        await server.stop()
      },
    },
  ]
}
