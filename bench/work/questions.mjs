import { instances } from '../../dist/index.js'

/** What Nova reads for GET /servers/detail. */
const REST = ['flavor', 'addresses', 'metadata', 'service', 'system_metadata', 'tags', 'trusted_certs', 'fault']

const number = value => value.toLocaleString('en')

/** The pages that are asked for: data, from the cheapest to the dearest. */
export const pageQuestions = ({ total, projects }) => {
  const first = { scope: 'all', sort: 'time', limit: 1_000, offset: 0 }
  const middle = Math.floor(total / 2)
  // The last 0.5 % have no time.
  const end = Math.floor(total * 0.98)
  const { huge, middling, small } = projects
  const of = ({ project_id }) => ({ ...first, scope: { project_id } })
  return [
    { name: 'first-20', title: 'First page, limit 20', question: { ...first, limit: 20 } },
    { name: 'first-100', title: 'First page, limit 100', question: { ...first, limit: 100 } },
    { name: 'first-1000', title: 'First page, limit 1000, rows spread evenly', question: first },
    {
      name: 'few-fields',
      title: 'First page, limit 1000, four fields',
      question: { ...first, fields: ['uuid', 'display_name', 'vm_state', 'host'] },
    },
    {
      name: 'newest-in-one',
      title: 'First page, limit 1000, all newest rows in one cell',
      question: { ...first, skewed: true },
    },
    {
      name: 'middle-1000',
      title: `A page in the middle, limit 1000, behind ${number(middle)} rows`,
      question: { ...first, offset: middle, walked: true },
    },
    {
      name: 'end-1000',
      title: `A page near the end, limit 1000, behind ${number(end)} rows`,
      question: { ...first, offset: end },
    },
    {
      name: 'project-huge',
      title: `One project of ${number(huge.count)}, limit 1000`,
      question: of(huge),
    },
    {
      name: 'project-middling',
      title: `One project of ${number(middling.count)}, limit 1000`,
      question: of(middling),
    },
    {
      name: 'project-small',
      title: `One project of ${number(small.count)}, limit 100`,
      question: { ...of(small), limit: 100 },
    },
    {
      name: 'no-index',
      title: 'First page, limit 100, by display_name, which no index serves',
      question: { ...first, limit: 100, sort: 'name' },
    },
    {
      name: 'detail-rest',
      title: `Full detail of 1000, as Nova's REST API shows it: ${REST.join(', ')}`,
      question: { ...first, detail: REST, asRest: true },
    },
    {
      name: 'detail-all',
      title: 'Full detail of 1000, all relations',
      question: { ...first, detail: Object.keys(instances.relations) },
    },
  ]
}
