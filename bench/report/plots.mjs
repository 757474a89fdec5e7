import { init } from 'echarts'

const WIDTH = 900
const COLOURS = ['#0b6e4f', '#6bbf59', '#b0b0b0', '#808080', '#404040', '#e08e0b', '#b5179e', '#3a86c8']

const colours = names => names.map((_, at) => COLOURS[at % COLOURS.length])

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
  return `${svg}\n`
}

const common = (title, names) => ({
  title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
  legend: { bottom: 0, data: names },
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
    xAxis: { type: log ? 'log' : 'value', name: unit, nameLocation: 'middle', nameGap: 26 },
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
