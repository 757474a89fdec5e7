import { IndexError } from '../../errors.js'

/** The names of what an index consists of, on a server that it may share with others. */
export interface Places {
  /** The alias of what answers now. */
  readonly current: string
  /** The index of what is kept beside the documents. */
  readonly notebook: string
  /** All indexes of documents. */
  readonly all: string
  /** The index of a generation's documents. */
  documents(generation: string): string
  /** Its alias, by which it is written and asked: writing can't make an index of a name that is gone. */
  alias(generation: string): string
  /** The id of its entry in the notebook. */
  entry(generation: string): string
  /** The id of a note. */
  note(generation: string, key: string): string
  /** The generation of an index of documents. */
  generation(documents: string): string
}

/** What nobody could be given as a generation, such as a pattern, is none. */
const checked = (generation: string): string => {
  if (!/^[0-9a-f]{12}$/.test(generation)) throw new IndexError('NO_GENERATION')
  return generation
}

export const placesOf = (prefix: string): Places => ({
  current: prefix,
  notebook: `${prefix}-notebook`,
  all: `${prefix}-documents-*`,
  documents: generation => `${prefix}-documents-${checked(generation)}`,
  alias: generation => `${prefix}-${checked(generation)}`,
  entry: checked,
  note: (generation, key) => `${checked(generation)} ${key}`,
  generation: documents => documents.slice(-12),
})
