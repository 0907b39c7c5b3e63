// What pages need beside htmx: charts, the opened figure's dialog, records, days, and a lost server.
import htmx from 'htmx.org'
import 'htmx-ext-sse'

window.htmx = htmx

// A stream of events while its page is seen. A browser has six connections to a host, and a stream
// holds one as long as it lasts: six tabs left open would let no other page load.
htmx.createEventSource = path => {
  const source = new EventTarget()
  const names = new Set()
  const address = new URL(path, location.href)
  let stream = null
  let isClosed = false

  const tell = ({ type, data, lastEventId }) => {
    // What was told is not asked for again.
    if (lastEventId) address.searchParams.set('after', lastEventId)
    source.dispatchEvent(new MessageEvent(type, { data, lastEventId }))
  }
  const follow = () => {
    const isWanted = !isClosed && !document.hidden
    if (isWanted === Boolean(stream)) return
    if (!isWanted) {
      stream.close()
      stream = null
      return
    }
    stream = new EventSource(address)
    stream.onopen = event => source.onopen?.(event)
    stream.onerror = event => {
      // Then another takes its place.
      if (stream.readyState === EventSource.CLOSED) source.close()
      source.onerror?.(event)
    }
    names.forEach(name => stream.addEventListener(name, tell))
  }

  const listen = source.addEventListener
  source.addEventListener = (name, ...rest) => {
    if (!names.has(name)) stream?.addEventListener(name, tell)
    names.add(name)
    listen.call(source, name, ...rest)
  }
  source.close = () => {
    isClosed = true
    document.removeEventListener('visibilitychange', follow)
    follow()
  }
  Object.defineProperty(source, 'readyState', {
    get: () => isClosed ? EventSource.CLOSED : stream?.readyState ?? EventSource.CONNECTING
  })
  document.addEventListener('visibilitychange', follow)
  queueMicrotask(follow)
  return source
};

(() => {
  'use strict'

  // What draws charts is large: it is fetched with the first chart, whoever brings that.
  const { charts } = document.currentScript.dataset
  const drawCharts = () => document.querySelector('[data-chart]') && import(charts)
  document.addEventListener('DOMContentLoaded', drawCharts)
  document.addEventListener('htmx:afterSettle', drawCharts)

  // An opened figure stands in the address, behind the #: Back closes it, Forward opens it again.
  const FIGURE = '/figures/members?'
  const dialog = () => document.getElementById('members')
  const addressed = () => location.hash.startsWith('#' + FIGURE) && location.hash.slice(1)
  let opener = null
  let shown = location.pathname + location.search

  const openFigure = address => htmx.ajax('GET', address, { target: '#opened', swap: 'innerHTML' })

  document.addEventListener('htmx:beforeRequest', event => {
    if (event.detail.target?.id === 'opened' && !dialog()?.open) opener = document.activeElement
  })

  document.addEventListener('htmx:afterSwap', event => {
    if (event.detail.target.id !== 'opened' || !dialog()) return
    const { finalRequestPath, responsePath } = event.detail.pathInfo
    const address = responsePath || finalRequestPath
    if (addressed() !== address && address.startsWith(FIGURE)) {
      const way = dialog().open ? 'replaceState' : 'pushState'
      history[way]({ figure: true }, '', '#' + address)
    }
    if (!dialog().open) {
      dialog().returnValue = ''
      dialog().showModal()
    }
    dialog().querySelector('.moved').hidden = true
    // Who looks for somebody goes on typing.
    if (event.detail.requestConfig.verb === 'get') dialog().querySelector('[data-title]')?.focus()
  })

  document.addEventListener('click', event => {
    if (event.target === dialog() || event.target.closest('[data-close]')) dialog().close()
    if (event.target.closest('[data-again]')) openFigure(addressed())
  })

  document.addEventListener('close', event => {
    // A closing is told late: Back may have closed it, and Forward be about to open it again.
    if (event.target !== dialog() || dialog().open) return
    const address = dialog().returnValue !== 'back' && addressed()
    document.getElementById('opened').replaceChildren()
    // Meanwhile the board may have been drawn anew, and the link with it.
    const links = document.querySelectorAll('a.figure')
    const link = [...links].find(one => address && address.startsWith(one.getAttribute('href')))
    ;(opener?.isConnected && opener !== document.body ? opener : link)?.focus()
    if (!address) return
    if (history.state?.figure) history.back()
    else history.replaceState(history.state, '', shown)
  }, true)

  // What is drawn anew keeps the focus where it was, however it is drawn.
  let focused = ''
  document.addEventListener('htmx:beforeSwap', () => {
    const { id } = document.activeElement
    const address = document.activeElement.getAttribute('href')
    focused = id ? `#${CSS.escape(id)}` : address && `[href="${CSS.escape(address)}"]`
  })
  document.addEventListener('htmx:afterSettle', () => {
    if (focused && document.activeElement === document.body) document.querySelector(focused)?.focus()
  })

  // A choice shows at once what it chooses; what is typed waits for Enter or the button.
  document.addEventListener('change', event => {
    if (event.target.matches('select[data-submit]')) event.target.form.requestSubmit()
  })

  addEventListener('popstate', event => {
    // Between the page and its figures nothing is loaded anew; all else is htmx's to restore.
    if (!dialog() || location.pathname + location.search !== shown) return
    event.stopImmediatePropagation()
    if (addressed()) openFigure(addressed())
    else if (dialog().open) dialog().close('back')
  })

  document.addEventListener('DOMContentLoaded', () => {
    if (dialog() && addressed()) openFigure(addressed())
  })

  // A one-time link's secret goes on in the form, in either language, and out of the address and the
  // history.
  document.addEventListener('DOMContentLoaded', () => {
    const place = document.querySelector('[data-from-link]')
    if (!place) return
    const link = place.querySelector('input')
    if (location.hash.length > 1) link.value = location.hash.slice(1)
    history.replaceState(null, '', location.pathname)
    if (!link.value || link.hasAttribute('aria-invalid')) return
    place.hidden = true
    document.querySelectorAll('.bar-end a[hreflang]').forEach(other => { other.hash = link.value })
  })

  // A passkey is made, or answers, by a challenge of ours; what it says goes on in the form.
  const ANSWERS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const bytes = said => Uint8Array.from(
    atob(said.replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0))
  const said = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '')
  const asked = ({ user, excludeCredentials = [], ...publicKey }) => ({
    ...publicKey,
    ...user && { user: { ...user, id: bytes(user.id) } },
    excludeCredentials: excludeCredentials.map(one => ({ ...one, id: bytes(one.id) })),
    challenge: bytes(publicKey.challenge)
  })
  const showPasskeys = () => document.querySelectorAll('form[data-passkey]').forEach(form => {
    form.hidden = !window.PublicKeyCredential
  })
  document.addEventListener('DOMContentLoaded', showPasskeys)
  document.addEventListener('htmx:afterSettle', showPasskeys)
  document.addEventListener('submit', async event => {
    const form = event.target
    if (!form.dataset.passkey || form.elements.answer.value) return
    event.preventDefault()
    const trouble = form.querySelector('[role=alert]')
    trouble.hidden = true
    try {
      const challenge = await fetch(form.dataset.passkey, { redirect: 'manual' })
      // Why not, the form is told.
      if (!challenge.ok) return form.submit()
      const publicKey = asked(await challenge.json())
      const way = publicKey.user ? 'create' : 'get'
      const { id, rawId, type, response } = await navigator.credentials[way]({ publicKey })
      const given = ANSWERS.filter(name => response[name]).map(name => [name, said(response[name])])
      form.elements.answer.value = JSON.stringify(
        { id, rawId: said(rawId), type, response: Object.fromEntries(given) })
      form.submit()
    } catch {
      trouble.hidden = false
    }
  })

  document.addEventListener('DOMContentLoaded', () => {
    document.querySelector('form[data-at-once]')?.requestSubmit()
  })

  document.addEventListener('htmx:pushedIntoHistory', event => { shown = event.detail.path })

  // What is open keeps what it shows while the board behind it moves, and says so.
  document.addEventListener('sse:figures', () => {
    if (dialog()?.open) dialog().querySelector('.moved').hidden = false
  })

  // What somebody is typing outlives a board that refreshes itself.
  document.addEventListener('htmx:oobBeforeSwap', event => {
    const { target, fragment } = event.detail
    if (fragment.querySelector('[data-live]') && target.contains(document.activeElement)) {
      event.detail.shouldSwap = false
    }
  })

  // What was entered and not sent is not left without a question; a form that came back holds what
  // is saved nowhere.
  let sentTo
  const isChanged = field => field.options
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex(one => one.defaultSelected))
    : ['checkbox', 'radio'].includes(field.type)
      ? field.checked !== field.defaultChecked
      : 'defaultValue' in field && field.value !== field.defaultValue
  const isUnsaved = form => form.getAttribute('action') !== sentTo &&
    (form.dataset.entry === 'unsaved' || [...form.elements].some(isChanged))
  addEventListener('beforeunload', event => {
    if (![...document.querySelectorAll('form[data-entry]')].some(isUnsaved)) return
    event.preventDefault()
    // What browsers of before 2024 ask by.
    event.returnValue = true
  })
  document.addEventListener('submit', event => { sentTo = event.target.getAttribute('action') })
  const isBack = () => { sentTo = undefined }
  document.addEventListener('htmx:sendError', isBack)
  document.addEventListener('htmx:responseError', isBack)
  document.addEventListener('htmx:afterSwap', isBack)

  // A server that broke takes nothing away of what was entered.
  document.addEventListener('htmx:beforeSwap', event => {
    const { boosted, xhr } = event.detail
    if (boosted && xhr.status >= 500) event.detail.shouldSwap = false
  })

  // A form comes back in its place and makes no entry of history: at its top, unless a field is amiss.
  document.addEventListener('htmx:afterSettle', event => {
    if (!event.detail.boosted || document.activeElement !== document.body) return
    scrollTo(0, 0)
    document.getElementById('main').focus({ preventScroll: true })
  })

  // A line's records unfold below it, and fold again.
  document.addEventListener('htmx:beforeRequest', event => {
    const link = event.target.closest?.('[data-records]')
    if (!link) return
    const is_open = link.getAttribute('aria-expanded') === 'true'
    link.setAttribute('aria-expanded', String(!is_open))
    if (!is_open) return
    event.preventDefault()
    event.detail.target.replaceChildren()
  })

  // A day is typed as text; the calendar beside it is fetched when it is opened first.
  customElements.define('day-field', class extends HTMLElement {
    connectedCallback() {
      const [input, button, sheet] = this.children
      const calendar = sheet.querySelector('calendar-date')
      button.hidden = false
      sheet.addEventListener('toggle', async event => {
        if (event.newState !== 'open') return
        await import(this.dataset.calendar)
        const typed = /^\s*(\d{4})\D?(\d{1,2})\D?(\d{1,2})/.exec(input.value)
        const day = typed && [typed[1], typed[2].padStart(2, '0'), typed[3].padStart(2, '0')].join('-')
        calendar.value = calendar.focusedDate = day && !isNaN(Date.parse(day)) ? day : ''
        // Only a day that is drawn can have the focus.
        requestAnimationFrame(() => requestAnimationFrame(() => calendar.focus()))
      })
      calendar.addEventListener('change', event => {
        event.stopPropagation()
        const time = this.dataset.time && (/\d+:\d+\s*$/.exec(input.value)?.[0] || this.dataset.time)
        input.value = time ? `${calendar.value} ${time}` : calendar.value
        sheet.hidePopover()
        input.focus()
        input.dispatchEvent(new Event('change', { bubbles: true }))
      })
    }
  })

  // A browser's own button for files speaks the browser's language: ours lies below it.
  customElements.define('file-field', class extends HTMLElement {
    connectedCallback() {
      const input = this.querySelector('input')
      const names = this.querySelector('.names')
      const none = names.textContent
      const show = () => {
        names.textContent = [...input.files].map(file => file.name).join(' · ') || none
      }
      input.addEventListener('change', show)
      show()
    }
  })

  // What is shown once is copied as it is typed elsewhere: no secret has a blank in it.
  customElements.define('copy-field', class extends HTMLElement {
    connectedCallback() {
      const button = this.querySelector('button')
      const said = this.querySelector('[role=status]')
      button.hidden = false
      button.addEventListener('click', async () => {
        const codes = [...this.querySelectorAll('code')]
        said.textContent = ''
        try {
          const texts = codes.map(code => code.textContent.replace(/\s/g, ''))
          await navigator.clipboard.writeText(texts.join('\n'))
          said.textContent = this.dataset.done
        } catch {
          // No clipboard without TLS, and none where the browser forbids it.
          getSelection().setBaseAndExtent(codes[0], 0, codes.at(-1), 1)
          said.textContent = this.dataset.selected
        }
      })
    }
  })

  // A server that does not answer is said where people look.
  const trouble = name => () => {
    const line = document.getElementById('trouble')
    if (line) line.hidden = name === 'none'
  }
  document.addEventListener('htmx:sendError', trouble('lost'))
  document.addEventListener('htmx:responseError', trouble('lost'))
  document.addEventListener('htmx:sseError', trouble('lost'))
  document.addEventListener('htmx:sseOpen', trouble('none'))
  document.addEventListener('htmx:afterOnLoad', event => {
    if (event.detail.xhr.status < 500) trouble('none')()
  })
})()
