/**
 * How many rows to ask a source for when it is expected to contribute `share` of the next `demand` rows.
 *
 * Contributions scatter like counts do, so two standard deviations on top make a further round trip rare
 * (about one source in forty) while over-fetching stays small: 121 of 100 expected, 6 of 2. Never more than one beyond the
 * demand: that one tells whether anything follows.
 */
export const batchSize = (demand: number, share: number, deviations = 2): number => {
  const expected = demand * share
  return Math.min(demand + 1, Math.ceil(expected + deviations * Math.sqrt(expected)) + 1)
}
