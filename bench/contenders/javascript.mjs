import { crosscell, firstPage, pageAfterPage, withApiDatabase } from './crosscell.mjs'
import { fanOut } from './fan-out.mjs'
import { arrays, objects } from './plain.mjs'
import { rawSocket } from './raw-socket.mjs'

/**
 * The contenders that are written in JavaScript; the floor is the first. `open(cloud)` gives `ask(question)`, which resolves to
 * what is asked in the end, or undefined where the contender has no answer: `list()` asks it once, and `show(answer)` makes plain
 * facts of what came, of which there are `uuids` or `rows`, and maybe `fetched`, `items` with relations, and the question
 * that was `asked` where it is another.
 */
export const JAVASCRIPT = [
  arrays,
  objects,
  rawSocket,
  fanOut,
  crosscell,
  firstPage,
  pageAfterPage,
  withApiDatabase,
]
