import { alternate, faster } from '../measure/rounds.mjs'
import { counted } from '../measure/server-counters.mjs'
import { verify, verifyRelations } from './verify.mjs'

/** Whatever can answer the question, ready to; the floor comes first. */
const prepare = async (contenders, question) => {
  const prepared = []
  for (const contender of contenders) {
    const asked = await contender.ask(question)
    if (asked) prepared.push({ contender, name: contender.name, ...asked })
  }
  return prepared
}

const check = async (cloud, question, one) => {
  const facts = await one.show()
  if (facts.items) await verifyRelations(cloud, question.detail, facts.items)
  const found = await verify(cloud, question, one.contender, facts)
  return { ...found, fetched: facts.fetched }
}

/** What is known before anything is timed, or why it can't be. */
const look = async (cloud, question, one) => {
  const found = await check(cloud, question, one)
  if (found.failure) return found
  const { answer: again, statements, sent } = await counted(cloud, one.show)
  const { rows, note, fetched } = found
  return {
    rows,
    figures: {
      statements,
      ...(rows > 0 && sent !== undefined && { sentPerRow: sent / rows }),
      ...(rows > 0 &&
        fetched !== undefined && { fetchedFirst: fetched / rows, fetchedPerRow: again.fetched / rows }),
      ...(note && { note }),
    },
  }
}

/** One kind of page: every contender's answer is checked, then all are measured in turns, then checked again. */
export const measurePage = async (cloud, contenders, { name, title, question }, rounds) => {
  const prepared = await prepare(contenders, question)
  const facts = new Map()
  for (const one of prepared) facts.set(one.name, await look(cloud, question, one))
  const able = prepared.filter(one => !facts.get(one.name).failure)
  const measured = await alternate(able, rounds)
  for (const one of able) await check(cloud, question, one)
  const ours = measured.find(one => one.name === 'crosscell')
  const measureOf = one => {
    const { rows, figures, failure } = facts.get(one.name)
    if (failure) return { contender: one.name, note: `fails: ${failure}` }
    const of = measured.find(({ name }) => name === one.name)
    return {
      contender: one.name,
      runs: of.runs,
      p50: of.p50,
      p95: of.p95,
      toFloor: of.ratio,
      ...(of !== ours && !one.contender.oneCell && { faster: faster(ours, of) }),
      ...(rows > 0 && { cpuPerRow: (of.cpu * 1_000) / rows }),
      ...figures,
    }
  }
  return { name, title, measures: prepared.map(measureOf) }
}
