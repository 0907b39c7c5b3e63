"""The window of a newcomer, and what it says about leaving and about orders.

The go-live day is day 1, so for a go-live on L the last counted day is L + window_days - 1. A day
that is not over is open: what still happens on it counts. The version in force in the month of the
go-live says which go-live opens the window and to which month the newcomer belongs; the version in
force in that month scores, so that all of a month's newcomers are scored alike.
"""

from collections.abc import Iterable
from copy import copy
from datetime import date, timedelta, tzinfo
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.rule import Rule
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.facts import GoLiveFact, OrderFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.planning.deadline import figures_due_on

DAY = timedelta(days=1)


class Window(Struct, frozen=True, gc=False):
    """The counted days of a newcomer, on the evening of `happened_by`.

    last_day: the last counted day. over_until: the last day that is over. cutoff: who left on or
    before this day is a leaver. rules: the parameters that score, those of `version`.
    """

    first_day: date
    last_day: date
    happened_by: date
    over_until: date
    cutoff: date
    month: Month
    version: int
    rules: Parameters

    @property
    def is_open(self) -> bool:
        """Whether an order may still close inside it."""
        return self.last_day > self.over_until

    @property
    def may_lose(self) -> bool:
        """Whether leaving may still make a leaver."""
        return self.cutoff > self.over_until

    @property
    def final_on(self) -> date:
        """The last day that can change what a newcomer counts for."""
        return max(self.last_day, self.cutoff)

    @property
    def is_final(self) -> bool:
        """Whether nothing that still happens in time can change it."""
        return self.final_on <= self.over_until

    def lost(self, newcomer: Newcomer) -> bool:
        """Whether the newcomer had left by the cut-off."""
        left_on = newcomer.left_on
        return left_on is not None and left_on <= min(self.cutoff, self.happened_by)

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
        first, last, day = self.first_day, self.last_day, self.happened_by
        inside = [one for one in orders if first <= one.closed_on <= last]  # Most are not.
        return [one for one in inside if one.is_known(day) and self.excludes(one) is None]


def cohort_of(newcomer: Newcomer, window: Window | None, day: date) -> str:
    """The code of the batch that a newcomer counts for on the evening of a day: the go-live fixes
    it (S42)."""
    return newcomer.cohort_on(window.first_day if window else employed_until(newcomer, day))


def manager_of(newcomer: Newcomer, window: Window | None, day: date) -> str | None:
    """The manager that a newcomer counts for: of the window's last day, of the last day of
    employment or of the evening, whichever comes first."""
    until = employed_until(newcomer, day)
    return newcomer.manager_on(min(until, window.last_day) if window else until)


class Windows:
    """Finds each newcomer's window on one day under one scheme.

    Newcomers who went live on the same day share a window, and those of one month its rules, so
    each is made once. zone: the partner's. today: of who asks, on which the day that is asked about
    may not be over yet.
    """

    def __init__(
        self, scheme: Scheme, happened_by: date, zone: tzinfo, today: date = date.max
    ) -> None:
        self.zone = zone
        self._scheme = scheme
        self._any_evening: dict[date, Window] = {}
        self._by_month: dict[Month, Version] = {}
        self._versions: dict[int, Version] = {}
        self._look(happened_by, today)

    def on(self, day: date, today: date) -> Self:
        """Those of another evening, or of somebody else who asks; what the scheme says of them is
        made once for all evenings."""
        other = copy(self)
        other._look(day, today)
        return other

    def _look(self, happened_by: date, today: date) -> None:
        self.happened_by, self._today = happened_by, today
        self.over_until = happened_by if happened_by < today else happened_by - DAY
        self._by_first_day: dict[date, Window] = {}

    def of(self, newcomer: Newcomer) -> Window | None:
        """The window, or None for who is no newcomer or had not gone live by the day."""
        lives = newcomer.lives
        if not lives:
            return None
        live = lives[0] if len(lives) == 1 else self._live_by(newcomer, self.happened_by)
        if live is None or live.on > self.happened_by or not newcomer.sells_on(live.on):
            return None
        return self.from_day(live.on)

    def from_day(self, first_day: date) -> Window:
        """The window that a go-live on a day opens."""
        return self._by_first_day.get(first_day) or self._open(first_day)

    def lives_of(self, newcomer: Newcomer) -> list[tuple[GoLiveFact, date, date]]:
        """The go-lives that open the window on one evening or another, each with the first and the
        last of its evenings."""
        lives = newcomer.lives
        if len(lives) == 1:
            (live,) = lives
            return [(live, live.on, date.max)] if newcomer.sells_on(live.on) else []
        evenings = sorted({live.on for live in lives})
        lasts = [*(later - DAY for later in evenings[1:]), date.max]
        found = []
        for first, last in zip(evenings, lasts, strict=False):
            opening = self._live_by(newcomer, first)
            if opening is not None and newcomer.sells_on(opening.on):
                found.append((opening, first, last))
        return found

    def ends_of(self, first_day: date, after: Iterable[int] = ()) -> list[date]:
        """The evenings on which a window, or so many of its days, is over.

        They change what it says, beside what happens to the newcomer.
        """
        window = self.from_day(first_day)
        lasts = [window.last_day, window.cutoff]
        lasts += [first_day + timedelta(days=days - 1) for days in after]
        return [day if day < self._today else day + DAY for day in lasts]

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

    def _live_by(self, newcomer: Newcomer, day: date) -> GoLiveFact | None:
        """The go-live that opens the window, among those that had happened by the day; of several
        the last in sales, where the last counts."""
        known = [live for live in newcomer.lives if live.on <= day]
        if len(known) < 2:
            return known[0] if known else None
        known.sort(key=lambda live: (live.on, live.position))
        version = self.in_force(Month.of(known[0].on))
        if version.parameters.regolive != "latest":
            return known[0]
        selling = [live for live in known if newcomer.sells_on(live.on)]
        return (selling or known)[-1]

    def _open(self, first_day: date) -> Window:
        known = self._any_evening.get(first_day)
        if known is None:
            known = self._any_evening[first_day] = self._new(first_day)
        if known.happened_by != self.happened_by or known.over_until != self.over_until:
            known = replace(known, happened_by=self.happened_by, over_until=self.over_until)
        self._by_first_day[first_day] = known
        return known

    def _new(self, first_day: date) -> Window:
        month = Month.of(first_day)
        version = self.in_force(month)
        last_day = _last_day(first_day, version)
        if version.parameters.kpi_month == "window_close":
            month = Month.of(last_day)
            version = self.in_force(month)
            last_day = _last_day(first_day, version)
        at_close = version.parameters.leaver_cutoff == "window_close"
        return Window(
            first_day=first_day,
            last_day=last_day,
            happened_by=self.happened_by,
            over_until=self.over_until,
            cutoff=last_day if at_close else figures_due_on(month),
            month=month,
            version=version.number,
            rules=version.parameters,
        )


def employed_until(newcomer: Newcomer, day: date) -> date:
    """The evening of a day, or the last day of employment where that comes first."""
    return day if newcomer.left_on is None else min(newcomer.left_on, day)


def _last_day(first_day: date, version: Version) -> date:
    return first_day + timedelta(days=version.parameters.window_days - 1)
