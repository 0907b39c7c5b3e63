"""How a person's hands work a page: a keyboard alone, fingers on a phone, a mouse without scripts.

A hand knows pages as people do: what is pressed, and the fields of a form by their names.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from playwright.async_api import Locator, Page

PHONE = {"width": 390, "height": 844}
FARTHEST = 150
"""Presses of Tab within which everything on a page is reached."""
AWAY = """
found => {
  const here = document.activeElement
  if (found.includes(here)) return 0
  const after = (one, other) => !!(one.compareDocumentPosition(other) & 4)
  const isBehind = after(found[0], here)
  const [first, last] = isBehind ? [found[0], here] : [here, found[0]]
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  const between = stops.filter(one => one.tabIndex >= 0 && one.checkVisibility()
    && !one.matches('[type=radio]:not(:checked)') && after(first, one) && after(one, last))
  return (between.length + 1) * (isBehind ? -1 : 1)
}
"""
"""About how many presses of Tab lie before these elements; none where one of them has the focus,
fewer than none where they lie behind it."""


@dataclass(frozen=True)
class Hand(ABC):
    """Works one page. options: of the browser's window that it needs."""

    page: Page
    options: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    async def press(self, what: Locator) -> None:
        """Follows a link, presses a button, opens a summary."""

    @abstractmethod
    async def write(self, field: Locator, text: str) -> None:
        """Puts a text into a field in place of what is there."""

    @abstractmethod
    async def pick(self, options: Locator, value: str) -> None:
        """Picks the one of several radio buttons that has a value."""

    async def choose(self, field: Locator, value: str) -> None:
        """Chooses the option of a list that has a value."""
        await field.select_option(value)

    async def tick(self, box: Locator) -> None:
        """Ticks a box, or takes its tick away."""
        await self.press(box)

    async def fill(self, **values: str | date | bool) -> None:
        """Enters what a form asks for, field by field."""
        for name, value in values.items():
            field = self.page.locator(f'main form[method="post"] [name="{name}"]')
            if isinstance(value, bool) and await field.first.get_attribute("type") == "checkbox":
                await self.tick(field)
            elif await field.first.get_attribute("type") == "radio":
                await self.pick(field, _choice(value))
            elif await field.evaluate("field => field.localName") == "select":
                await self.choose(field, _choice(value))
            else:
                await self.write(field, str(value))


def _choice(value: str | date | bool) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


class Keyboard(Hand):
    """Tab, Enter, Space, the arrows and the letters; no mouse."""

    async def press(self, what: Locator) -> None:
        await self._reach(what)
        await self.page.keyboard.press("Enter")

    async def tick(self, box: Locator) -> None:
        await self._reach(box)
        await self.page.keyboard.press("Space")

    async def write(self, field: Locator, text: str) -> None:
        await self._reach(field)
        if await field.get_attribute("type") == "date":
            text = f"{date.fromisoformat(text):%m%d%Y}"
        else:
            await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def choose(self, field: Locator, value: str) -> None:
        await self._reach(field)
        await self.page.keyboard.press("Home")
        for _ in range(await field.locator("option").count()):
            if await field.input_value() == value:
                return
            await self.page.keyboard.press("ArrowDown")
        assert await field.input_value() == value

    async def pick(self, options: Locator, value: str) -> None:
        await self._reach(options)
        await self.page.keyboard.press("Space")
        wanted = self.page.locator(f":checked[value={value}]").and_(options)
        for _ in range(await options.count()):
            if await wanted.count():
                return
            await self.page.keyboard.press("ArrowDown")
        assert await wanted.count()

    async def _reach(self, what: Locator) -> None:
        """Presses Tab until one of these has the focus, backwards if they lie behind it."""
        await what.first.wait_for()
        pressed = 0
        while away := await what.evaluate_all(AWAY):
            for _ in range(abs(away)):
                await self.page.keyboard.press("Tab" if away > 0 else "Shift+Tab")
            pressed += abs(away)
            assert pressed < FARTHEST, f"Tab does not reach {what}"


class Fingers(Hand):
    """Taps on a phone, whose own dialogs take days and choices."""

    options: ClassVar[dict[str, Any]] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}

    async def press(self, what: Locator) -> None:
        await what.tap()

    async def write(self, field: Locator, text: str) -> None:
        await field.tap()
        await field.fill(text)

    async def pick(self, options: Locator, value: str) -> None:
        await options.and_(self.page.locator(f"[value={value}]")).tap()


class MouseAlone(Hand):
    """Clicks, in a browser that runs no scripts."""

    options: ClassVar[dict[str, Any]] = {"java_script_enabled": False}

    async def press(self, what: Locator) -> None:
        await what.click()

    async def write(self, field: Locator, text: str) -> None:
        await field.fill(text)

    async def pick(self, options: Locator, value: str) -> None:
        await options.and_(self.page.locator(f"[value={value}]")).click()
