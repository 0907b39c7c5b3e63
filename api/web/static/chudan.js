// What pages need beyond htmx: the members' dialog, and filters that send themselves.
(() => {
  'use strict'

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

  // A choice shows at once what it chooses; what is typed waits for Enter or the button.
  document.addEventListener('change', event => {
    if (event.target.matches('select[data-submit]')) event.target.form.requestSubmit()
  })

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
