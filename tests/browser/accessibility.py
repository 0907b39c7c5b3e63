"""What axe-core (W3C's rules for pages that everybody can use, by Deque) finds amiss on a page."""

from typing import Any

from playwright.async_api import Page

from tests.place import ROOT

AXE = (ROOT / "api/web/node_modules/axe-core/axe.min.js").read_text("utf-8")
READY = f"window.loadAxe = () => {{ {AXE} }}"
"""A script for every page of a window: it costs nothing there until a page is looked at, and the
browser compiles it once."""
RUN = """
async () => {
  window.axe ?? loadAxe()
  const found = await axe.run(document, {resultTypes: ['violations']})
  return found.violations.map(one => [one.id, ...one.nodes.map(node => node.html.slice(0, 200))])
}
"""


CUT = """
() => {
  const paper = document.createElement('canvas').getContext('2d')
  const said = one => one.selectedOptions?.[0]?.text.trim() ?? (one.value || one.placeholder)
  const of = 'main :is(.filters > label, .filters > .filter, .lookup) :is(select, input)'
  return [...document.querySelectorAll(of)].filter(one => {
    const style = getComputedStyle(one)
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    paper.font = style.font
    return one.checkVisibility() && paper.measureText(said(one)).width > room + 1
  }).map(said)
}
"""


async def barriers(page: Page) -> list[Any]:
    """The rules that the page breaks, each with the elements that break it."""
    found: list[Any] = await page.evaluate(RUN)
    return found


async def overhang(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    overhang: int = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return overhang


async def cut(page: Page) -> list[str]:
    """What stands in filters that have no room for it."""
    found: list[str] = await page.evaluate(CUT)
    return found
