import assert from 'node:assert/strict'
import { type ConformanceCase, fill, idsOf, inGeneration } from './case.js'
import { documentOf, PARTS, SHAPE, valuesFrom } from './documents.js'
import { pick, randomFrom, times } from './random.js'

const RUNS = 300
const FIELDS = SHAPE.texts

export const searching = (seed: number): readonly ConformanceCase[] => [
  {
    name: 'each word is a part of one text of one of the fields',
    run: index =>
      inGeneration(index, async generation => {
        await fill(index, generation, [
          documentOf(0, { texts: { name: ['web-12'], note: ['made by ops'], labels: ['blue', 'prod'] } }),
          documentOf(1, { texts: { name: ['web-1'], note: ['2'], labels: ['prod', 'blue'] } }),
          documentOf(2, { texts: { name: ['WEB-12'], note: [], labels: [''] } }),
          documentOf(3),
        ])
        for (const [words, fields, ids] of [
          [['web-12'], FIELDS, [0]],
          [['eb-1'], FIELDS, [0, 1]],
          [['2'], FIELDS, [0, 1, 2]],
          [['2'], ['name'], [0, 2]],
          [['2'], ['note', 'labels'], [1]],
          [['web', 'blue'], FIELDS, [0, 1]],
          [['web', 'blue'], ['name'], []],
          [['by ops', 'prod', 'b-1'], FIELDS, [0]],
          [['blueprod'], FIELDS, []],
          [['eprod'], FIELDS, []],
          [['web-12made'], FIELDS, []],
          [['eb'], ['labels'], []],
          [['E'], FIELDS, [2]],
          [['w', 'b', '-'], ['name'], [0, 1]],
          [['web', 'web', 'we'], FIELDS, [0, 1]],
          [[], FIELDS, [0, 1, 2, 3]],
          [[], [], [0, 1, 2, 3]],
          [['web'], [], []],
        ] as const)
          assert.deepEqual(
            await idsOf(index, generation, { where: [], text: { words, fields } }),
            ids,
            words.join(', '),
          )
        assert.deepEqual(
          await idsOf(index, generation, {
            where: [{ not: { key: 'id', is: 'eq', value: 0 } }],
            text: { words: ['web'], fields: FIELDS },
          }),
          [1],
        )
      }),
  },
  {
    name: 'no character of a word means anything, however short it is',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          PARTS.map((part, id) =>
            documentOf(id, { texts: { name: [`<${part}>`], note: [part], labels: ['(', `x${part}x${part}`] } }),
          ),
        )
        for (const word of PARTS) {
          if (word.includes('\u0001')) continue
          for (const [field, words, text] of [
            ['note', [word], (part: string) => part],
            ['name', [`<${word}`, `${word}>`], (part: string) => `<${part}>`],
            ['labels', [`x${word}x${word}`], (part: string) => `x${part}x${part}`],
          ] as const) {
            const holds = PARTS.flatMap((part, id) =>
              words.every(one => text(part).includes(one)) ? [id] : [],
            )
            assert.deepEqual(
              await idsOf(index, generation, { where: [], text: { words, fields: [field] } }),
              holds,
              JSON.stringify(words),
            )
          }
        }
      }),
  },
  {
    name: `finds every part of every text, ${RUNS} times`,
    run: index =>
      inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const { texts } = valuesFrom(random)
        const some = () => times(random(3), () => pick(random, texts))
        const all = times(80, () => ({ name: some().slice(0, 1), note: some(), labels: some() }))
        await fill(
          index,
          generation,
          all.map((texts, id) => documentOf(id, { texts })),
        )
        for (let i = 0; i < RUNS; i++) {
          const fields = (['name', 'note', 'labels'] as const).filter(() => random(3) > 0)
          const words = times(1 + random(3), () => {
            const characters = [...pick(random, texts)]
            const from = random(characters.length)
            return (
              characters
                .slice(from, from + 1 + random(6))
                .join('')
                .replaceAll('\u0001', '') || 'web'
            )
          })
          const holds = all.flatMap((own, id) =>
            words.every(word => fields.some(field => own[field].some(text => text.includes(word)))) ? [id] : [],
          )
          assert.deepEqual(
            await idsOf(index, generation, { where: [], text: { words, fields } }),
            holds,
            JSON.stringify({ words, fields }),
          )
        }
      }),
  },
]
