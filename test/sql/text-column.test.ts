import t from 'tap'
import { name } from '../../src/sql/fragment.js'
import { widened } from '../../src/sql/text-column.js'

const form = (collation: string | null, ...values: (string | number | null)[]) =>
  widened(name('c'), values, { charset: collation && collation.split('_')[0]!, collation }).text

t.test('a column that can hold the value is left alone', async t => {
  for (const text of [
    form('utf8mb4_unicode_ci', '😀'),
    form('utf16_bin', '😀'),
    form('utf8mb3_general_ci', 'Ünï 中'),
    form('latin1_swedish_ci', 'ascii', 'Ä \\ €', 7, null),
    form('koi8r_general_ci', 'ж', '😀'),
    form(null, '😀'),
    widened(name('c'), ['😀'], undefined).text,
  ])
    t.equal(text, '`c`')
})

t.test('one that can not is widened, in the collation of the same name', async t => {
  t.equal(form('utf8mb3_unicode_ci', 'x', '😀'), 'CONVERT(`c` USING utf8mb4) COLLATE utf8mb4_unicode_ci')
  t.equal(form('utf8mb3_bin', '😀'), 'CONVERT(`c` USING utf8mb4) COLLATE utf8mb4_bin')
  t.equal(form('latin1_german1_ci', 'ж'), 'CONVERT(`c` USING utf8mb4) COLLATE utf8mb4_general_ci')
  t.equal(form('ascii_general_ci', 'é'), 'CONVERT(`c` USING utf8mb4) COLLATE utf8mb4_general_ci')
})
