import { randomBytes } from 'node:crypto'
import { IndexError } from '../../errors.js'
import type { SearchIndex } from '../search-index.js'
import type { Ask, Request } from './ask.js'
import { REFUSED } from './failure.js'
import { indexOf, type Spread } from './mapping.js'
import type { Notebook } from './notebook.js'
import type { Places } from './places.js'

type Verbs = Pick<SearchIndex, 'generations' | 'create' | 'finish' | 'switchTo' | 'drop'>

/** Generations are indexes of their own; the one that answers has an alias. */
export const generationVerbs = (ask: Ask, places: Places, notebook: Notebook, spread: Spread): Verbs => {
  const done = (request: Request, signal: AbortSignal): Promise<void> => ask(request, signal, () => {})

  /** All that have an index, and whether it answers. */
  const indexes = (signal: AbortSignal): Promise<ReadonlyMap<string, boolean>> =>
    ask(
      { method: 'GET', path: [places.all, '_alias'] },
      signal,
      (body: Readonly<Record<string, { readonly aliases: object }>>) =>
        new Map(
          Object.entries(body).map(([index, { aliases }]) => [
            places.generation(index),
            Object.hasOwn(aliases, places.current),
          ]),
        ),
    )

  return {
    generations: async signal => {
      const there = await indexes(signal)
      const entries = await notebook.entries([...there.keys()], signal)
      return [...entries].map(([name, { layout, ready }]) => ({
        name,
        layout,
        ready,
        current: there.get(name)!,
      }))
    },
    create: async (shape, layout, bulk, signal) => {
      const name = randomBytes(6).toString('hex')
      // An entry without an index is nothing; an index without an entry would be in the way.
      await notebook.begin(name, { layout, bulk, ready: false }, signal)
      const body = { ...indexOf(shape, spread, bulk), aliases: { [places.alias(name)]: {} } }
      await done({ method: 'PUT', path: [places.documents(name)], body }, signal)
      return name
    },
    finish: async (generation, signal) => {
      const path = [places.alias(generation)]
      const { bulk, ready } = await notebook.entry(generation, signal)
      if (ready) return
      if (bulk) {
        const live = { index: { refresh_interval: null } }
        await done({ method: 'PUT', path: [...path, '_settings'], body: live }, signal)
        await done({ method: 'POST', path: [...path, '_forcemerge'], query: { max_num_segments: '1' } }, signal)
        await done({ method: 'POST', path: [...path, '_refresh'] }, signal)
        // Copies are made of what is merged.
        const copied = { index: { number_of_replicas: spread.replicas } }
        await done({ method: 'PUT', path: [...path, '_settings'], body: copied }, signal)
      }
      await notebook.setReady(generation, signal)
    },
    switchTo: async (generation, signal) => {
      const index = places.documents(generation)
      const { ready } = await notebook.entry(generation, signal)
      if (!ready) throw new IndexError(REFUSED)
      const actions = [
        { remove: { index: places.all, alias: places.current, must_exist: false } },
        { add: { index, alias: places.current } },
      ]
      await done({ method: 'POST', path: ['_aliases'], body: { actions } }, signal)
    },
    drop: async (generation, signal) => {
      const path = [places.documents(generation)]
      if ((await indexes(signal)).get(generation)) throw new IndexError(REFUSED)
      await done({ method: 'DELETE', path }, signal)
      await notebook.forget(generation, signal)
    },
  }
}
