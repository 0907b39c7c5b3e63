"""Days, months and instants as people type them, whatever the language of their browser."""

import re
from datetime import date, datetime, time

from domain.kernel.errors import Refusal
from domain.kernel.values import Month, folded, has_other_digits
from services.importing.spellings import read_day
from services.reading.moment import instant_of

_DAY_AND_TIME = re.compile(r"(.+?)[ T]+(\d{1,2}):(\d{2})")
_EVENING = time(23, 59)
"""What a day alone says as an instant: all that was recorded on it."""

LONGEST = 40
"""Characters of a day or an instant. Of a longer text no pattern is tried, since what that takes
grows with the square of the length."""


def day_typed(text: str | None) -> date | None:
    """`2026-11-28`, `2026/11/28`, `20261128`, `2026年11月28日`. Refuses `day_invalid`."""
    plain = _plain(text, "day_invalid", "day")
    try:
        return read_day(plain) if plain else None
    except Refusal as refusal:
        raise Refusal("day_invalid", day=text) from refusal


def month_typed(text: str, field: str | None = None) -> Month:
    """`2026-11`, whatever the width of its digits. Refuses `month_invalid`."""
    typed = text.strip()
    return Month.parse(typed if has_other_digits(typed) else folded(typed), field)


def instant_typed(text: str | None) -> datetime | None:
    """A day as above with a time `09:00`, or without one its evening; else ISO 8601. Refuses
    `instant_invalid`."""
    plain = _plain(text, "instant_invalid", "instant")
    found = _DAY_AND_TIME.fullmatch(plain)
    if ":" in plain and not found:
        return instant_of(plain)
    try:
        day = day_typed(found[1] if found else plain)
        moment = time(int(found[2]), int(found[3])) if found else _EVENING
    except (Refusal, ValueError) as error:
        raise Refusal("instant_invalid", instant=text) from error
    return None if day is None else datetime.combine(day, moment)


def _plain(text: str | None, code: str, what: str) -> str:
    """What was typed, full-width forms folded. Refuses with the code what is too long, and digits
    that only folding makes: `1²` is no 12."""
    typed = (text or "").strip()
    if len(typed) > LONGEST:
        raise Refusal(code, **{what: typed[:LONGEST] + "…"})
    if has_other_digits(typed):
        raise Refusal(code, **{what: typed})
    return folded(typed)
