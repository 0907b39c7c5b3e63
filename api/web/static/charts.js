/*! Holds parts of Apache ECharts (Apache-2.0) and zrender (BSD-3-Clause). */
// Draws every [data-chart] from the option in its <script type="application/json">, again after
// each swap and when the page turns light or dark. Only what options use is taken from ECharts.
import { BarChart, CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { LegacyGridContainLabel } from 'echarts/features'
import { CanvasRenderer } from 'echarts/renderers'

use([
  BarChart, CanvasRenderer, CustomChart, GridComponent, LegacyGridContainLabel, LineChart, TooltipComponent
])

const charts = new Map()

const renderers = {
  whisker(params, api) {
    const [index, floor, ceiling] = [api.value(0), api.value(1), api.value(2)]
    const low = api.coord([index, floor])
    const high = api.coord([index, ceiling])
    const half = Math.max(4, Math.min(8, api.size([1, 0])[0] * 0.16))
    const style = { stroke: api.visual('color'), lineWidth: 1.75, fill: 'none' }
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style })
    return {
      type: 'group',
      children: [
        line(low[0], low[1], high[0], high[1]),
        line(low[0] - half, low[1], low[0] + half, low[1]),
        line(high[0] - half, high[1], high[0] + half, high[1])
      ]
    }
  }
}

function resolved(value, css) {
  if (Array.isArray(value)) return value.map(item => resolved(item, css))
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v, css)]))
  }
  const name = typeof value === 'string' && /^var\((--[\w-]+)\)$/.exec(value)
  return name ? css.getPropertyValue(name[1]).trim() : value
}

function optionOf(figure) {
  const css = getComputedStyle(document.documentElement)
  const option = resolved(JSON.parse(figure.querySelector('script').textContent), css)
  const family = getComputedStyle(document.body).fontFamily
  option.textStyle = { fontFamily: family }
  option.animation = !matchMedia('(prefers-reduced-motion: reduce)').matches
  option.animationDuration = 350
  option.tooltip = {
    ...option.tooltip,
    // Rich text is painted on the canvas: an HTML tooltip would need inline styles.
    renderMode: 'richText',
    confine: true,
    backgroundColor: css.getPropertyValue('--chart-tip').trim(),
    borderWidth: 0,
    padding: [8, 12],
    textStyle: { color: css.getPropertyValue('--chart-tip-text').trim(), fontSize: 13, lineHeight: 20 },
    formatter: params => params.data.tip
  }
  for (const series of option.series) {
    if (series.renderItem) series.renderItem = renderers[series.renderItem]
  }
  return option
}

// Names of which all are shown lie slanted where they have no room beside each other, and the first
// of them reaches out to the left.
function fitted(axis, canvas) {
  const rotate = rotationOf(axis, canvas)
  return { xAxis: { axisLabel: { rotate } }, grid: { left: rotate === 50 ? 30 : 4 } }
}

function rotationOf({ data, axisLabel }, canvas) {
  if (axisLabel.interval !== 0) return 0
  const paper = document.createElement('canvas').getContext('2d')
  paper.font = `${axisLabel.fontSize}px ${getComputedStyle(document.body).fontFamily}`
  const widest = Math.max(...data.map(name => Math.min(axisLabel.width, paper.measureText(name).width)))
  const room = (canvas.clientWidth - 50) / data.length
  return widest + 8 < room ? 0 : room < 20 ? 90 : 50
}

function draw(figure) {
  const canvas = figure.querySelector('[data-canvas]')
  let chart = charts.get(canvas)
  if (!chart) {
    chart = init(canvas, null, { renderer: 'canvas' })
    charts.set(canvas, chart)
    new ResizeObserver(() => {
      if (chart.isDisposed()) return
      chart.resize()
      chart.setOption(fitted(chart.getOption().xAxis[0], canvas))
    }).observe(canvas)
    chart.on('click', ({ data }) => data && data.open && openMembers(data))
  }
  const option = optionOf(figure)
  chart.setOption(option, true)
  chart.setOption(fitted(option.xAxis, canvas))
  figure.dataset.drawn = 'yes'
}

function openMembers({ open, kpi }) {
  htmx.ajax('GET', `/figures/members?${open}&kpi=${kpi}`, { target: '#opened', swap: 'innerHTML' })
}

function drawAll() {
  for (const [canvas, chart] of charts) {
    if (!canvas.isConnected) {
      chart.dispose()
      charts.delete(canvas)
    }
  }
  document.querySelectorAll('[data-chart]').forEach(draw)
}

drawAll()
document.addEventListener('htmx:afterSettle', event => {
  if (event.target.querySelector('[data-chart]') || event.target.closest('#board')) drawAll()
})
document.addEventListener('htmx:historyRestore', drawAll)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
