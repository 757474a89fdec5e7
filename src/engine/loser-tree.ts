/**
 * A tournament that remembers, at each inner node, who lost there. The overall winner is known at once; when its
 * head changes, one path of log2(size) matches from its leaf to the root settles the next winner, half of what a
 * binary heap needs.
 *
 * With contenders 0…3 the leaves are nodes 4…7 and `losers` the nodes 1…3. Leads 5 2 9 7:
 *
 *          1: loser 3 (7)          winner 1 (2)
 *      2: loser 0 (5)   3: loser 2 (9)
 *
 * Contender 1 moves on to 6 and replays against 0 at node 2 (5 wins, 1 stays there), then 0 against 3 at node 1
 * (5 wins): the new winner is 0, after two matches.
 */
export interface LoserTree {
  /** A number for the head of each contender; the least wins. The caller sets them. */
  readonly leads: Float64Array
  /** Decides between equal leads. Both together must be a strict total order. */
  readonly beats: (a: number, b: number) => boolean
  readonly losers: Int32Array
  /** Who is first of all, once all have played. */
  winner: number
}

export const loserTree = (size: number, beats: (a: number, b: number) => boolean): LoserTree => ({
  leads: new Float64Array(size),
  beats,
  losers: new Int32Array(size),
  winner: 0,
})

/** Plays all matches. There is at least one contender. */
export const playAll = (tree: LoserTree): void => {
  const size = tree.losers.length
  const won = new Int32Array(2 * size)
  for (let leaf = 0; leaf < size; leaf++) won[size + leaf] = leaf
  for (let node = size - 1; node > 0; node--) {
    const left = won[2 * node]!
    const right = won[2 * node + 1]!
    const leftWins = wins(tree, left, right)
    won[node] = leftWins ? left : right
    tree.losers[node] = leftWins ? right : left
  }
  tree.winner = won[1]!
}

/** To be called when the lead of the winner has changed, and no other. */
export const replay = (tree: LoserTree): void => {
  const { leads, losers } = tree
  let champion = tree.winner
  let lead = leads[champion]!
  let node = (champion + losers.length) >> 1
  while (node > 0) {
    const loser = losers[node]!
    const other = leads[loser]!
    if (other === lead) break
    // A match is a toss-up, which no processor predicts: the two change places by arithmetic, not by a branch.
    const change = (champion ^ loser) & -(other < lead)
    losers[node] = loser ^ change
    champion ^= change
    lead = leads[champion]!
    node >>= 1
  }
  tree.winner = node === 0 ? champion : climb(tree, node, champion)
}

/** The matches from a node up to the root, some of which leads can't settle. */
const climb = (tree: LoserTree, from: number, contender: number): number => {
  let champion = contender
  for (let node = from; node > 0; node >>= 1) {
    const loser = tree.losers[node]!
    if (wins(tree, loser, champion)) {
      tree.losers[node] = champion
      champion = loser
    }
  }
  return champion
}

const wins = ({ leads, beats }: LoserTree, a: number, b: number): boolean => {
  const x = leads[a]!
  const y = leads[b]!
  return x < y || (x === y && beats(a, b))
}
