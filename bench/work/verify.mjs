import { oneCellTruth, truthOf } from '../data/truth.mjs'

const differing = (got, expected) => {
  const wrong = expected.filter((uuid, at) => got[at] !== uuid).length
  return wrong + Math.max(0, got.length - expected.length)
}

/**
 * Compares an answer with SQL's. What crosscell and plain SQL give must be right; of the others it is only said
 * how wrong they are.
 */
export const verify = async (cloud, question, { name, oneCell, mayDiffer }, facts) => {
  const { failure, asked = question, rows, uuids } = facts
  if (failure) return { failure }
  const expected = oneCell ? await oneCellTruth(cloud, asked) : (await truthOf(cloud, asked)).uuids
  if (rows !== undefined) {
    if (rows !== expected.length) throw new Error(`${name}: ${rows} rows, not ${expected.length}`)
    return { rows }
  }
  const wrong = differing(uuids, expected)
  if (wrong > 0 && !mayDiffer && !(question.sort === 'name' && name.startsWith('hand-written')))
    throw new Error(`${name}: ${wrong} of ${expected.length} rows are not those of SQL`)
  return {
    rows: expected.length,
    ...(wrong > 0 && { note: `${wrong} of ${expected.length} rows not as SQL has them` }),
  }
}

const list = uuids => uuids.map(uuid => `'${uuid}'`).join(', ')

/** In each cell its own rows are looked for: `text` says what is there, with the uuid first. */
const expectedOf = async (cloud, uuids, text) => {
  const rows = []
  for (const { schema } of cloud.cells) rows.push(...(await cloud.query(text(schema, list(uuids)))))
  return rows.map(row => row.join('|')).sort()
}

const RELATIONS = {
  metadata: [
    (schema, uuids) =>
      `SELECT instance_uuid, \`key\`, value FROM ${schema}.instance_metadata WHERE deleted = 0 AND instance_uuid IN (${uuids})`,
    ({ uuid, metadata }) => Object.entries(metadata).map(([key, value]) => [uuid, key, value]),
  ],
  tags: [
    (schema, uuids) => `SELECT resource_id, tag FROM ${schema}.tags WHERE resource_id IN (${uuids})`,
    ({ uuid, tags }) => tags.map(tag => [uuid, tag]),
  ],
  fault: [
    (schema, uuids) =>
      `SELECT DISTINCT instance_uuid FROM ${schema}.instance_faults WHERE deleted = 0 AND instance_uuid IN (${uuids})`,
    ({ uuid, fault }) => (fault ? [[uuid]] : []),
  ],
  flavor: [
    (schema, uuids) =>
      `SELECT instance_uuid FROM ${schema}.instance_extra WHERE deleted = 0 AND flavor IS NOT NULL AND instance_uuid IN (${uuids})`,
    ({ uuid, flavor }) => (flavor ? [[uuid]] : []),
  ],
  block_devices: [
    (schema, uuids) =>
      `SELECT instance_uuid, uuid FROM ${schema}.block_device_mapping WHERE deleted = 0 AND instance_uuid IN (${uuids})`,
    item => item.block_devices.map(({ uuid }) => [item.uuid, uuid]),
  ],
}

/** Whether the relations of crosscell's items are those that the tables hold. */
export const verifyRelations = async (cloud, detail, items) => {
  const uuids = items.map(({ uuid }) => uuid)
  for (const [name, [text, of]] of Object.entries(RELATIONS)) {
    if (!detail.includes(name)) continue
    const expected = await expectedOf(cloud, uuids, text)
    const got = items
      .flatMap(of)
      .map(row => row.join('|'))
      .sort()
    if (String(got) !== String(expected)) throw new Error(`crosscell: ${name} is not what the tables hold`)
  }
}
