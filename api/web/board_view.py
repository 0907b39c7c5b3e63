"""What the figures board shows: pure, from newcomers to lines, tiles and charts."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, Self
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.kpi.catalog import HEADLINES
from domain.kpi.figures import NewcomerFigures, figures
from domain.kpi.groups import Board, Group, board, closed_in, members
from domain.kpi.kpi import Kpi
from domain.kpi.newcomer import Newcomer
from domain.kpi.scheme import Scheme
from domain.values import Month

By = Literal["month", "cohort", "manager"]
BYS: tuple[By, ...] = ("month", "cohort", "manager")


class Choice(Struct, frozen=True, omit_defaults=True):
    """What the reader asked to see; stands in the address.

    month: YYYY-MM. cohort: a code. manager: a sign for the manager, whose name is no business of
    an address. on: the day up to which things have happened.
    """

    by: By = "month"
    month: str | None = None
    cohort: str | None = None
    manager: str | None = None
    on: date | None = None

    @property
    def query(self) -> str:
        """The address's query, without what was not chosen."""
        return urlencode({k: v for k, v in asdict(self).items() if v is not None})

    @property
    def is_narrowed(self) -> bool:
        """Whether the reader asked for anything but everything, now."""
        return any((self.month, self.cohort, self.manager, self.on))

    @property
    def limits(self) -> bool:
        """Whether it is about fewer than all newcomers."""
        return any((self.month, self.cohort, self.manager))

    def grouped(self, by: By) -> Self:
        """The same newcomers, in other groups."""
        return replace(self, by=by)

    def opened(self, by: By, key: str) -> Self:
        """The choice narrowed to one group."""
        return replace(self, by=by, **{by: key})

    def group(self, newcomers: Iterable[Newcomer]) -> Group:
        """The group it is about. Refuses `month_invalid`."""
        return Group(
            month=Month.parse(self.month) if self.month else None,
            cohort=self.cohort,
            manager=self.manager and named(self.manager, newcomers),
        )


def sign(manager: str) -> str:
    """What stands for a manager in an address."""
    return hashlib.blake2b(manager.encode(), digest_size=8).hexdigest()


def named(signed: str, newcomers: Iterable[Newcomer]) -> str:
    """The manager whom the sign stands for; the sign itself, who manages nobody, if there is none.

    A name that was typed into the address is understood as well.
    """
    names = {newcomer.manager for newcomer in newcomers if newcomer.manager}
    return next((name for name in names if signed in (sign(name), name)), signed)


class Line(Struct, frozen=True):
    """One group's figures; opened: the choice that this group's members are found by."""

    key: str
    month: Month | None
    figures: NewcomerFigures
    opened: Choice


class Headline(Struct, frozen=True):
    """The month on top, and beside it the newcomers whose windows closed in that month."""

    month: Month
    figures: NewcomerFigures
    opened: Choice
    became_final: NewcomerFigures


class View(Struct, frozen=True):
    """The board as it stands on the evening of a day; lines in rising order of their keys.

    managers: the sign and the name of each.
    """

    choice: Choice
    happened_by: date
    headline: Headline | None
    lines: tuple[Line, ...]
    months: tuple[str, ...]
    cohorts: tuple[str, ...]
    managers: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether the partner has no newcomer at all by that day."""
        return not self.cohorts

    @property
    def drawn(self) -> list[Kpi]:
        """The KPIs that are defined for at least one line."""
        return [
            kpi for kpi in HEADLINES if any(kpi.of(line.figures).denominator for line in self.lines)
        ]


def look(newcomers: Sequence[Newcomer], choice: Choice, today: date, scheme: Scheme) -> View:
    """today: the partner's local day. Refuses `month_invalid`."""
    day = choice.on or today
    everybody = board(newcomers, day, scheme)
    group = choice.group(newcomers)
    chosen = members(newcomers, day, scheme, group)
    shown = board(newcomers, day, scheme, group) if choice.limits else everybody
    return View(
        choice=choice,
        happened_by=day,
        headline=_headline(chosen, shown, choice, day, scheme),
        lines=_lines(shown, choice),
        months=tuple(str(month) for month in reversed(everybody.by_month)),
        cohorts=tuple(reversed(everybody.by_cohort)),
        managers=tuple((sign(name), name) for name in everybody.by_manager),
    )


def _lines(shown: Board, choice: Choice) -> tuple[Line, ...]:
    if choice.by == "month":
        return tuple(
            Line(str(month), month, found, choice.opened("month", str(month)))
            for month, found in shown.by_month.items()
        )
    if choice.by == "cohort":
        return tuple(
            Line(code, None, found, choice.opened("cohort", code))
            for code, found in shown.by_cohort.items()
        )
    return tuple(
        Line(name, None, found, choice.opened("manager", sign(name)))
        for name, found in shown.by_manager.items()
    )


def _headline(
    chosen: Sequence[Newcomer], shown: Board, choice: Choice, day: date, scheme: Scheme
) -> Headline | None:
    """Last month (S54), or the latest month before it that has newcomers."""
    if not shown.by_month:
        return None
    last = Month.of(day.replace(day=1) - timedelta(days=1))
    known = list(shown.by_month)
    month = max((found for found in known if found <= last), default=known[-1])
    return Headline(
        month=month,
        figures=shown.by_month[month],
        opened=choice.opened("month", str(month)),
        became_final=figures(closed_in(chosen, month, day, scheme), day, scheme),
    )
