// What pages need beside htmx: the members' dialog, the script that draws charts, and words where a
// server does not answer.
import htmx from 'htmx.org'
import 'htmx-ext-sse'

window.htmx = htmx;

(() => {
  'use strict'

  // Charts are drawn by a large script: it is sent for with the first chart, whoever brings that.
  const { dataset, nonce } = document.currentScript
  let drawing = null
  const drawCharts = () => {
    if (drawing || !document.querySelector('[data-chart]')) return
    drawing = document.createElement('script')
    Object.assign(drawing, { src: dataset.charts, nonce })
    document.head.append(drawing)
  }
  document.addEventListener('DOMContentLoaded', drawCharts)
  document.addEventListener('htmx:afterSettle', drawCharts)

  let opener = null

  document.addEventListener('htmx:beforeRequest', event => {
    if (event.detail.target && event.detail.target.id === 'opened') opener = document.activeElement
  })

  document.addEventListener('htmx:afterSwap', event => {
    if (event.detail.target.id !== 'opened') return
    const dialog = event.detail.target.closest('dialog')
    if (!dialog.open) dialog.showModal()
    dialog.scrollTop = 0
    const title = dialog.querySelector('[data-title]')
    if (title) title.focus()
  })

  document.addEventListener('click', event => {
    const dialog = event.target.closest('dialog')
    if (event.target === dialog || event.target.closest('[data-close]')) dialog.close()
  })

  document.addEventListener('close', event => {
    if (event.target.tagName !== 'DIALOG') return
    event.target.querySelector('#opened').replaceChildren()
    if (opener && opener.isConnected) opener.focus()
  }, true)

  // A server that does not answer is said where people look.
  const trouble = name => event => {
    const line = document.getElementById('trouble')
    if (line) line.hidden = name === 'none'
  }
  document.addEventListener('htmx:sendError', trouble('lost'))
  document.addEventListener('htmx:responseError', trouble('lost'))
  document.addEventListener('htmx:sseError', trouble('lost'))
  document.addEventListener('htmx:sseOpen', trouble('none'))
  document.addEventListener('htmx:afterOnLoad', trouble('none'))
})()
