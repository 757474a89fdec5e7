import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

const distribution = () => {
  try {
    return /PRETTY_NAME="(.*)"/.exec(readFileSync('/etc/os-release', 'utf8'))[1]
  } catch {
    return process.platform
  }
}

/** Where and how something was measured. */
export const machine = ({ command, rounds }, { kind, version, cells, instances }) => ({
  command,
  rounds,
  kind,
  cells: cells.length,
  instances,
  server: `${{ mariadb: 'MariaDB', mysql: 'MySQL' }[kind]} ${version}`,
  node: process.version,
  cpu: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
  system: `${distribution()}, Linux ${release()}`,
  load: Number(loadavg()[2].toFixed(1)),
  date: new Date().toISOString().slice(0, 10),
})
