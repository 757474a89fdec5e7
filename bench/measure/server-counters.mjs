/** What the server has been asked and has sent since it started. `Rows_sent` is MariaDB's alone. */
const read = async cloud => {
  const rows = await cloud.query("SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Rows_sent')")
  return Object.fromEntries(rows.map(([name, value]) => [name, Number(value)]))
}

/** Runs `work`, and says how many statements the servers got from it and how many rows they sent. */
export const counted = async (cloud, work) => {
  // What reading itself costs: once more for the first reading's own rows.
  const before = await read(cloud)
  const again = await read(cloud)
  const answer = await work()
  const after = await read(cloud)
  const of = name => after[name] - again[name] - (again[name] - before[name])
  return {
    answer,
    statements: of('Questions'),
    sent: after.Rows_sent === undefined ? undefined : of('Rows_sent'),
  }
}
