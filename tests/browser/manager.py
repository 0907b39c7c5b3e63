"""A training manager at work in a real browser, with one hand or another, in one language.

    manager = Manager(visitor, Keyboard(visitor.page), read_texts("zh-CN"))
    await manager.goes_to("cohorts")
    await manager.gives(OpenCohort, code="B-01", name="第一期", opened_on=day)

Whatever page comes up on the way is looked at: nobody is kept out of it, and nothing sticks out.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from playwright.async_api import Locator, expect

from api.web.kit.resource import CommandKind, name_of
from services.words.texts import Texts
from tests.browser.accessibility import barriers, overhang
from tests.browser.conftest import Visitor
from tests.browser.hands import Hand

KINDS = """
() => [...new Set([...document.querySelectorAll('body *')].map(
  one => [one.localName, one.className, ...one.getAttributeNames()].join(' ')))]
"""
"""What a page is made of: the kinds of its elements."""

RELOADS = 100
"""Within which the figures have followed."""
SAVE, AGAIN = 'form[method="post"] button[type="submit"]:not([name])', 'button[name="again"]'
REFUSED = "the server responded with a status of 422"
"""What a browser without scripts logs of a page that shows a form again."""


@dataclass(repr=False)
class Manager:
    """Who works the pages of a partner."""

    visitor: Visitor
    hand: Hand
    t: Texts

    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page = self.visitor.page
        self.main = self.page.locator("main")
        self.runs_scripts = self.hand.options.get("java_script_enabled", True)

    async def logs_in(self, email: str, password: str) -> None:
        await self.page.goto(f"{self.visitor.site}/login")
        await self.looks()
        await self.hand.fill(email=email, password=password)
        await self.follows(self.main.locator("button[type=submit]").first)

    async def opens_another_window(self) -> Self:
        """Stays logged in there."""
        visitor = await self.visitor.another_window()
        hand = replace(self.hand, page=visitor.page)
        return replace(self, visitor=visitor, hand=hand)

    async def goes_to(self, place: str) -> None:
        """Takes a link of the menu."""
        menu = self.page.get_by_role("navigation", name=self.t("nav.places"))
        link = menu.get_by_role("link", name=self.t(f"nav.{place}"), exact=True)
        if not await link.is_visible():
            await self.hand.press(self.page.locator("header .folding"))
        await self.follows(link)
        # On a phone it is folded again.
        here = self.page.locator("#places [aria-current=page]")
        await expect(here).to_have_text(self.t(f"nav.{place}"))

    async def opens(self, thing: str) -> None:
        """Follows the link of a thing to its page."""
        await self.follows(self.link(thing))

    async def gives(self, command: CommandKind, **values: str | date | bool) -> None:
        """Gives a command that the page offers, in its form."""
        await self.begins(command)
        await self.saves(command, **values)

    async def amends(self, topic: str, command: CommandKind, **values: str | date | bool) -> None:
        """Gives a command that stands beside the latest fact of a kind."""
        line = self.main.locator(f'[data-topic="{topic}"]').first
        await self._opens_form(command, line.locator("a", has_text=_whole(self._name(command))))
        await self.saves(command, **values)

    async def begins(self, command: CommandKind) -> None:
        """Opens the form of a command."""
        link = self.link(self._name(command))
        if not await link.is_visible():
            await self.hand.press(self.main.locator("summary", has_text=self.t("thing.more")))
        await self._opens_form(command, link)

    async def saves(
        self, command: CommandKind, *, again: bool = False, **values: str | date | bool
    ) -> None:
        """Fills a form in and saves it. again: so that another can be entered at once."""
        await self.hand.fill(**values)
        await self.follows(self.main.locator(AGAIN if again else SAVE))
        done = self.t("form.done", what=self._name(command))
        await expect(self.main.locator(".done")).to_contain_text(done)

    async def is_refused(self, field: str, **values: str | date | bool) -> None:
        """Fills a form in, and is told what to do about a field, in which the cursor stands."""
        await self.hand.fill(**values)
        await self.hand.press(self.main.locator(SAVE))
        await expect(self.main.get_by_role("alert")).to_be_visible()
        wrong = self.main.locator(f'[name="{field}"]')
        await expect(wrong).to_have_attribute("aria-invalid", "true")
        await expect(wrong).to_be_focused()
        await self.looks()
        if not self.runs_scripts:
            self.visitor.errors[:] = [one for one in self.visitor.errors if REFUSED not in one]

    async def sees(self, words: str, where: Locator) -> None:
        """Waits until something says these words: by itself, or without scripts by reloading."""
        if self.runs_scripts:
            await expect(where).to_contain_text(words, timeout=20_000)
            return
        for _ in range(RELOADS):
            if await where.count() and words in await where.inner_text():
                return
            await self.page.reload()
        await expect(where).to_contain_text(words)

    async def looks(self) -> None:
        """Sees that nothing of the page sticks out, and that the first of its kind keeps nobody
        out. Where no scripts run, neither does what looks for that."""
        assert await overhang(self.page) == 0
        if not self.runs_scripts:
            return
        kinds: list[str] = await self.page.evaluate(KINDS)
        if not self.seen.issuperset(kinds):
            assert await barriers(self.page) == []
            self.seen.update(kinds)

    def link(self, words: str) -> Locator:
        """The first link of the page's main part with exactly these words."""
        return self.main.locator("a", has_text=_whole(words)).first

    async def _opens_form(self, command: CommandKind, link: Locator) -> None:
        await self.follows(link)
        await expect(self.main.get_by_role("heading", level=1)).to_have_text(self._name(command))

    async def follows(self, what: Locator) -> None:
        """Presses what leads to another page, and looks at that."""
        async with self.page.expect_event("domcontentloaded"):
            await self.hand.press(what)
        await self.looks()

    async def sends(self, button: str, title: str) -> None:
        """Presses the last such button of a form, whose answer comes in its place by this title."""
        await self.hand.press(self.main.locator(button).last)
        await expect(self.main.get_by_role("heading", level=1)).to_have_text(self.t(title))
        await self.looks()

    def _name(self, command: CommandKind) -> str:
        return self.t(f"command.{name_of(command)}")


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}\s*$")
