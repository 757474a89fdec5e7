/**
 * A tournament over `size` contenders that remembers, at each inner node, who lost there. The overall winner is
 * known at once; when its head changes, one path of log2(size) matches from its leaf to the root settles the
 * next winner, half of what a binary heap needs.
 *
 * With contenders 0…3 the leaves are nodes 4…7 and `losers` the nodes 1…3. Heads 5 2 9 7:
 *
 *          1: loser 3 (7)          winner 1 (2)
 *      2: loser 0 (5)   3: loser 2 (9)
 *
 * Contender 1 moves on to 6 and replays against 0 at node 2 (5 wins, 1 stays there), then 0 against 3 at node 1
 * (5 wins): the new winner is 0, after two matches.
 */
export interface LoserTree {
  /** Who is first of all. */
  winner(): number
  /** To be called when the head of the winner has changed, and only for the winner. */
  replay(): void
}

/** `beats(a, b)` must be a strict total order of the contenders' present heads. */
export const loserTree = (size: number, beats: (a: number, b: number) => boolean): LoserTree => {
  const losers = new Int32Array(size)
  const won = new Int32Array(2 * size)
  for (let leaf = 0; leaf < size; leaf++) won[size + leaf] = leaf
  for (let node = size - 1; node > 0; node--) {
    const left = won[2 * node]!
    const right = won[2 * node + 1]!
    const leftWins = beats(left, right)
    won[node] = leftWins ? left : right
    losers[node] = leftWins ? right : left
  }
  let first = won[1]!
  return {
    winner: () => first,
    replay: () => {
      let champion = first
      for (let node = (first + size) >> 1; node > 0; node >>= 1) {
        const loser = losers[node]!
        if (beats(loser, champion)) {
          losers[node] = champion
          champion = loser
        }
      }
      first = champion
    },
  }
}
