import { init } from 'echarts'

const WIDTH = 900

/** A contender has the same colour in every plot. */
const COLOURS = {
  crosscell: '#0b6e4f',
  'crosscell, apiDatabase': '#6bbf59',
  'plain mysql2, one cell, arrays': '#b0b0b0',
  'plain mysql2, one cell, objects': '#b0b0b0',
  'hand-written fan-out': '#606060',
  Spider: '#3a86c8',
  Nova: '#e08e0b',
}
const OTHERS = ['#0b6e4f', '#e08e0b', '#3a86c8']

const colours = names => names.map((name, at) => COLOURS[name] ?? OTHERS[at % OTHERS.length])

const draw = (height, option) => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    ...option,
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  // What is read aloud; and nothing for a mouse, which a picture in a page never sees.
  return `${svg.replace(/<style.*?<\/style>/s, '').replace('>', ` role="img"><title>${option.title.text}</title>`)}\n`
}

const common = (title, names) => ({
  title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
  // Widths of texts are guessed: no font is at hand.
  legend: { bottom: 0, data: names, itemGap: 34 },
  color: colours(names),
})

/** Bars side by side: for each category one of each series; lengths are logarithms where figures are far apart. */
export const bars = ({ title, unit, categories, series, log = false }) =>
  draw(120 + categories.length * (12 + 13 * series.length), {
    ...common(
      title,
      series.map(({ name }) => name),
    ),
    grid: { left: 180, right: 70, top: 40, bottom: 70 },
    xAxis: {
      ...{ name: unit, nameLocation: 'middle', nameGap: 26 },
      // A logarithm has no zero for a bar to begin at.
      ...(log ? { type: 'log', min: 0.1, startValue: 0.1 } : { type: 'value' }),
    },
    yAxis: { type: 'category', inverse: true, data: categories },
    series: series.map(({ name, values }) => ({
      name,
      type: 'bar',
      data: values.map(value => (value === undefined ? '-' : Number(value.toPrecision(3)))),
      label: { show: true, position: 'right', fontSize: 10 },
    })),
  })

/** Lines over numbers that grow by factors. */
export const lines = ({ title, unit, across, series, log = true }) =>
  draw(380, {
    ...common(
      title,
      series.map(({ name }) => name),
    ),
    grid: { left: 80, right: 40, top: 40, bottom: 90 },
    xAxis: { type: 'log', name: across, nameLocation: 'middle', nameGap: 26 },
    yAxis: { type: log ? 'log' : 'value', name: unit },
    series: series.map(({ name, points }) => ({ name, type: 'line', symbolSize: 7, data: points })),
  })
