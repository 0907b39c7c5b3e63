"""The window of a newcomer, and what it says about leaving and about orders.

The go-live day is day 1, so for a go-live on L the last counted day is L + window_days - 1. The
version in force in the month of the go-live says which go-live opens the window and to which month
the newcomer belongs; the version in force in that month scores, so that all of a month's newcomers
are scored alike.
"""

from collections.abc import Iterable
from datetime import date, timedelta, tzinfo

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.rule import Rule
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.facts import GoLiveFact, OrderFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.trainees.events import SALES


class Window(Struct, frozen=True, gc=False):
    """The counted days of a newcomer, on the evening of `happened_by`.

    last_day: the last counted day. leaves_until: who left on or before this day is a leaver. rules:
    the parameters that score, those of `version`.
    """

    first_day: date
    last_day: date
    happened_by: date
    is_open: bool
    leaves_until: date
    month: Month
    version: int
    rules: Parameters

    def lost(self, newcomer: Newcomer) -> bool:
        """Whether the newcomer had left by the cut-off."""
        return newcomer.left_on is not None and newcomer.left_on <= self.leaves_until

    def excludes(self, order: OrderFact) -> Rule | None:
        """The first rule that keeps an order known by `happened_by` from counting, if any."""
        if order.closed_on < self.first_day:
            return "before_go_live"
        if order.closed_on > self.last_day:
            return "after_window"
        if order.is_voided(self.happened_by):
            return "voided"
        if order.reassigned_on is not None and order.reassigned_on <= self.happened_by:
            return "reassigned"
        return None

    def valid(self, orders: Iterable[OrderFact]) -> list[OrderFact]:
        """The orders of a seller that count (kpi.md)."""
        day = self.happened_by
        return [one for one in orders if one.is_known(day) and self.excludes(one) is None]


class Windows:
    """Finds each newcomer's window on one day under one scheme.

    Newcomers who went live on the same day share a window, and those of one month its rules, so
    each is made once. zone: the partner's.
    """

    def __init__(self, scheme: Scheme, happened_by: date, zone: tzinfo) -> None:
        self.happened_by = happened_by
        self.zone = zone
        self._scheme = scheme
        self._by_first_day: dict[date, Window] = {}
        self._by_month: dict[Month, Version] = {}
        self._versions: dict[int, Version] = {}

    def of(self, newcomer: Newcomer) -> Window | None:
        """The window, or None for who is no newcomer or had not gone live by the day."""
        lives = newcomer.lives
        if not lives:
            return None
        live = lives[0] if len(lives) == 1 else self.live_of(newcomer)
        if live is None or live.on > self.happened_by or newcomer.post != SALES:
            return None
        return self._by_first_day.get(live.on) or self._open(live.on)

    def live_of(self, newcomer: Newcomer) -> GoLiveFact | None:
        """The go-live that opens the window, among those that had happened by the day."""
        known = [live for live in newcomer.lives if live.on <= self.happened_by]
        if len(known) < 2:
            return known[0] if known else None
        known.sort(key=lambda live: (live.on, live.position))
        version = self.in_force(Month.of(known[0].on))
        return known[-1 if version.parameters.regolive == "latest" else 0]

    def version(self, number: int | None) -> Version:
        """A version that a window was scored by; None: the one in force in the day's month."""
        if number is None:
            return self.in_force(Month.of(self.happened_by))
        return self._versions[number]

    def in_force(self, month: Month) -> Version:
        """The version that scores a month."""
        version = self._by_month.get(month)
        if version is None:
            version = self._by_month[month] = self._scheme.in_force(month)
            self._versions[version.number] = version
        return version

    def _open(self, first_day: date) -> Window:
        month = Month.of(first_day)
        version = self.in_force(month)
        last_day = _last_day(first_day, version)
        if version.parameters.kpi_month == "window_close":
            month = Month.of(last_day)
            version = self.in_force(month)
            last_day = _last_day(first_day, version)
        at_close = version.parameters.leaver_cutoff == "window_close"
        is_open = last_day > self.happened_by
        window = Window(
            first_day=first_day,
            last_day=last_day,
            happened_by=self.happened_by,
            is_open=is_open,
            leaves_until=last_day if at_close and not is_open else self.happened_by,
            month=month,
            version=version.number,
            rules=version.parameters,
        )
        self._by_first_day[first_day] = window
        return window


def _last_day(first_day: date, version: Version) -> date:
    return first_day + timedelta(days=version.parameters.window_days - 1)
