import { alternate, faster } from '../measure/rounds.mjs'
import { counted } from '../measure/server-counters.mjs'
import { verify, verifyRelations } from './verify.mjs'

/** Whatever can answer the question, ready to; the floor comes first. */
const prepare = async (cloud, contenders, question) => {
  const prepared = []
  for (const contender of contenders) {
    const asked = await contender.ask(cloud, question)
    if (asked) prepared.push({ contender, name: contender.name, ...asked })
  }
  return prepared
}

const check = async (cloud, question, one) => {
  const { answer } = await one.run()
  if (one.items && question.detail) await verifyRelations(cloud, question.detail, one.items(answer))
  return verify(cloud, question, one.contender, one, answer)
}

/** One kind of page: every contender's answer is checked, then all are measured in turns, then checked again. */
export const measurePage = async (cloud, contenders, { name, title, question }, rounds) => {
  const all = await prepare(cloud, contenders, question)
  const facts = []
  for (const one of all) {
    const found = await check(cloud, question, one)
    const { answer, statements, sent } = await counted(cloud, () => one.run())
    facts.push({ ...found, statements, sent, fetched: one.fetched?.(answer.answer) })
  }
  const measured = await alternate(all, rounds)
  for (const one of all) await check(cloud, question, one)
  const ours = measured.find(one => one.name === 'crosscell')
  return {
    name,
    title,
    measures: measured.map((one, at) => {
      const { rows, statements, sent, fetched, note } = facts[at]
      return {
        contender: one.name,
        runs: one.runs,
        p50: one.p50,
        p95: one.p95,
        toFloor: one.ratio,
        ...(one !== ours && !all[at].contender.oneCell && { faster: faster(ours, one) }),
        cpuPerRow: (one.cpu * 1_000) / rows,
        ...(fetched !== undefined && { fetchedPerRow: fetched / rows }),
        ...(sent !== undefined && { sentPerRow: sent / rows }),
        statements,
        ...(note && { note }),
      }
    }),
  }
}
