import { cellSchema, createTables, insertInstances, startLocalCells } from '../../dist/testing/index.js'

/** Cells that are only far away: many, small, and with nothing but instances. */
export const FAR_CELLS = 70
const FAR_INSTANCES = 300

const visible = `deleted = 0 AND (vm_state <> 'soft-delete' OR vm_state IS NULL) AND (hidden <> 1 OR hidden IS NULL)`

/** The instances that a list shows, as Nova's API has it. */
export const VISIBLE = visible

const truth = cells => {
  const union = cells
    .map(
      ({ name }, at) =>
        `SELECT uuid, ${at + 1} AS cell, id, created_at, project_id, display_name FROM nova_${name}.instances WHERE ${visible}`,
    )
    .join(' UNION ALL ')
  return `CREATE TABLE bench.truth (
    by_time BIGINT PRIMARY KEY, by_name BIGINT NOT NULL UNIQUE, uuid CHAR(36) NOT NULL, cell INT NOT NULL,
    id INT NOT NULL, created_at DATETIME, project_id VARCHAR(255), KEY (project_id, by_time), KEY (project_id, cell)
  ) ENGINE=InnoDB DEFAULT CHARACTER SET latin1
  SELECT ROW_NUMBER() OVER (ORDER BY created_at DESC, id DESC, uuid) AS by_time,
    ROW_NUMBER() OVER (ORDER BY display_name DESC, id DESC, uuid) AS by_name, uuid, cell, id, created_at, project_id
  FROM (${union}) AS every_cell`
}

/** The order of all rows, by two sorts, as the server itself has it: what every answer is compared with. */
const makeTruth = async local => {
  await local.query('cell1', 'CREATE DATABASE bench')
  await local.query('cell1', truth(local.cells))
}

/** A copy of cell1 whose rows are all newer than any other cell's. */
const makeNewest = async local => {
  await local.query('cell1', 'CREATE DATABASE nova_newest')
  await local.query('cell1', 'CREATE TABLE nova_newest.instances LIKE nova_cell1.instances')
  await local.query('cell1', 'INSERT INTO nova_newest.instances SELECT * FROM nova_cell1.instances')
  await local.query(
    'cell1',
    'UPDATE nova_newest.instances SET created_at = created_at + INTERVAL 5 YEAR ORDER BY id',
  )
}

const makeFar = async local => {
  const [table] = createTables({ instances: cellSchema.instances })
  for (let at = 1; at <= FAR_CELLS; at++) {
    const name = `far${at}`
    await local.query('cell1', `CREATE DATABASE nova_${name}`)
    await local.query('cell1', table.replace('`instances`', `nova_${name}.instances`))
    const rows = insertInstances({ seed: 1, cell: name, count: FAR_INSTANCES, buried: false })
    await local.query('cell1', rows.replace('INSERT INTO instances', `INSERT INTO nova_${name}.instances`))
  }
}

/** Makes all databases of a shape inside one new server, and gives the cells. */
export const generate = async ({ kind, cells, instances, bufferPoolMB }) => {
  const local = await startLocalCells({
    cells,
    kind,
    bufferPoolMB,
    cell0: false,
    instances: Array.from({ length: cells }, () => instances),
  })
  try {
    for (const make of [makeTruth, makeNewest, makeFar]) await make(local)
    for (const name of [...local.cells.map(({ name }) => name), 'newest'])
      await local.query('cell1', `ANALYZE TABLE nova_${name}.instances`)
    await local.query('api', 'ANALYZE TABLE instance_mappings, request_specs, build_requests')
    return local
  } catch (error) {
    await local.stop()
    throw error
  }
}
