/** The value below which a part of all values is. */
export const quantile = (values, part) => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

export const median = values => quantile(values, 0.5)

/** The median, and the quartiles around it. */
export const spread = values => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
})
