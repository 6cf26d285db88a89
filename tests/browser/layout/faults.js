// What is wrong with the page as it stands, of the kinds that are named: what a person needs to find each fault.
kinds => {
  const found = []
  const name = it => {
    const words = (it.innerText || it.value || '').trim().replace(/\s+/g, ' ').slice(0, 40)
    return `<${it.localName}${it.id ? '#' + it.id : ''}${it.className && it.className.split ? '.' + it.className : ''}> ${words}`
  }
  const root = document.documentElement
  const isAside = it => it.closest('.skip, .unseen, details:not([open]) > :not(summary)') ||
    it.closest('thead') && getComputedStyle(it.closest('thead')).position == 'absolute'  // of rows that became blocks
  const seen = [...document.body.querySelectorAll('*')].filter(it => it.checkVisibility() && !isAside(it))
  const KINDS = {
    sideways() {
      if (root.scrollWidth > root.clientWidth) {
        const wide = seen.filter(it => it.getBoundingClientRect().right > root.clientWidth + 1)
        found.push(`${root.scrollWidth} px wide in ${root.clientWidth}: ` + wide.slice(-3).map(name).join('; '))
      }
      for (const it of seen) {
        const style = getComputedStyle(it)
        if (['auto', 'scroll'].includes(style.overflowX) && it.scrollWidth > it.clientWidth + 1 && !it.matches('textarea, header nav') && (!it.matches('.wide') || innerWidth < 900))
          found.push('scrolls sideways by itself: ' + name(it))
      }
    },
    cut() {
      for (const it of seen) {
        const style = getComputedStyle(it), box = it.getBoundingClientRect()
        const isHidden = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY)
        if (isHidden && !it.matches('svg, input, select') && (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1))
          found.push('cut off: ' + name(it))
        if (it.matches('button, a.button, a.plain, .sum, td, th, dd, dt') && box.width) {
          const range = document.createRange()
          range.selectNodeContents(it)
          const over = it.matches('a.button, a.plain') ? -4 : 2  // letters on the edge of a button look cut
          for (const line of range.getClientRects())
            if (line.width && (line.right > box.right + over || line.left < box.left - over)) {
              found.push('text beyond its box: ' + name(it))
              break
            }
        }
        if (it.matches('svg text')) {
          const sheet = it.closest('svg').getBoundingClientRect()
          if (box.left < sheet.left - 1 || box.right > sheet.right + 1) found.push('text beyond its picture: ' + it.textContent)
        }
      }
    },
    over() {
      const words = []
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const bar = document.querySelector('.bar')
      while (walker.nextNode()) {
        const node = walker.currentNode, it = node.parentElement
        if (!node.data.trim() || !it.checkVisibility() || isAside(it) || it.matches('script, style, option, noscript')) continue
        if (bar && bar.contains(it) || it.closest('svg')) continue
        const range = document.createRange()
        range.selectNodeContents(node)
        for (const box of range.getClientRects()) if (box.width > 1) words.push([box, node.data.trim().slice(0, 30)])
      }
      words.sort((a, b) => a[0].top - b[0].top)
      words.forEach(([one, said], n) => {
        for (let m = n + 1; m < words.length && words[m][0].top < one.bottom; m++) {
          const [other, says] = words[m]
          const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
          const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
          if (high > Math.min(one.height, other.height) / 2 && wide > 2) found.push(`one over another: ${said} / ${says}`)
        }
      })
    },
    button() {
      for (const it of document.querySelectorAll('main .button')) {
        if (!it.checkVisibility() || isAside(it)) continue
        const isInBar = it.closest('.bar')
        if (!isInBar) scrollTo(0, it.getBoundingClientRect().top + scrollY - innerHeight / 3)
        const box = it.getBoundingClientRect()
        if (box.height < 64 - .5) found.push(`the main button is ${box.height} px high: ` + name(it))
        if (box.left < 0 || box.right > root.clientWidth || box.top < 0 || box.bottom > innerHeight + 1) {
          if (box.height < innerHeight) found.push('the main button is not in sight: ' + name(it))
        }
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight - 1))
        if (!at || !it.contains(at)) found.push('the main button is covered: ' + name(it) + ' by ' + (at ? name(at) : 'nothing'))
      }
      scrollTo(0, 0)
    },
    targets() {
      for (const it of document.querySelectorAll('a, button, summary, select, input:not([type=hidden]), textarea')) {
        if (!it.checkVisibility() || isAside(it)) continue
        const box = (it.matches('[type=checkbox], [type=radio], [type=file]') && it.closest('label') || it).getBoundingClientRect()
        const inText = it.matches('p a, li a, dd a, td a, th a, small a, .alert a, .note a') &&
          [...it.parentElement.childNodes].some(one => one.nodeType == 3 && one.data.trim())
        if (inText) continue  // as high as its line
        if (it.localName == 'a' && location.pathname.startsWith('/desk')) continue  // 24 px with the space around it
        const least = 48
        if (box.height < least - .5) found.push(`${Math.round(box.height)} px high: ` + name(it))
      }
    },
    number() {
      for (const it of document.querySelectorAll('h1.number')) {
        const range = document.createRange()
        range.selectNodeContents(it)
        const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)))
        if (lines.size > 1) found.push('the number is broken into lines: ' + name(it))
      }
    },
    small() {
      for (const it of seen) {
        const isText = [...it.childNodes].some(one => one.nodeType == 3 && one.data.trim())
        const size = parseFloat(getComputedStyle(it).fontSize)
        if (isText && size < 16 && !it.closest('svg')) found.push(`letters of ${size} px: ` + name(it))
      }
    },
    mistake() {
      const wrong = [...document.querySelectorAll('[aria-invalid=true]')]
      const summary = document.querySelector('[role=alert]')
      if (!summary) found.push('a mistake without a summary')
      for (const it of wrong) {
        const told = (it.getAttribute('aria-describedby') || '').split(' ').map(id => document.getElementById(id))
        if (!told.some(one => one && one.matches('.wrong') && one.checkVisibility())) found.push('no words at the field: ' + name(it))
        const red = getComputedStyle(document.querySelector('.wrong') || it).color
        if (getComputedStyle(it).borderColor != red && it.type != 'hidden') found.push('no red edge: ' + name(it))
      }
      if (wrong.length) {
        const link = summary && summary.querySelector('a[href^="#"]')
        if (!link || !document.getElementById(link.hash.slice(1))) found.push('the summary leads to no field: ' + (summary ? summary.innerText : ''))
        if (!/^(Ошибка|Ката|Қате|Error)/.test(document.title)) found.push('the title does not begin with the mistake: ' + document.title)
      }
    },
    printed() {
      for (const it of document.querySelectorAll('header, footer, nav, button, .bar, .button, .plain, .pages, .picker'))
        if (it.checkVisibility()) found.push('is printed: ' + name(it))
    },
  }
  for (const kind of kinds) KINDS[kind]()
  return [...new Set(found)]
}
