/** Characters that the tokenizer takes together. */
const SIZE = 3

/** So many trigrams of one text tell enough; the text itself is looked at anyway. */
const MOST = 12

/** What the entries with all of these texts match, for FTS5; undefined where no text is long enough. */
export const matchOf = (texts: readonly string[]): string | undefined => {
  const trigrams = new Set(texts.flatMap(trigramsOf))
  if (trigrams.size === 0) return undefined
  return [...trigrams].map(trigram => `"${trigram.replaceAll('"', '""')}"`).join(' AND ')
}

/** Some trigrams of a text, from all over it. */
const trigramsOf = (text: string): string[] => {
  const characters = [...text]
  const count = characters.length - SIZE + 1
  const step = Math.max(1, count / MOST)
  const trigrams: string[] = []
  for (let at = 0; at < count; at += step) {
    const from = Math.floor(at)
    trigrams.push(characters.slice(from, from + SIZE).join(''))
  }
  return trigrams
}
