"""Matured batches, those whose windows have all closed: how far each was on every day, and its end.

A day is a day since the go-live, the go-live day being day 1. A newcomer's end is how the window's
last evening found it; what was voided after that, or recorded later, is not the window's doing.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.kpi.newcomer import Newcomer
from domain.kpi.window import Window, Windows

State = Literal["waiting", "ordered", "lost"]

WAITING: State = "waiting"
ORDERED: State = "ordered"
LOST: State = "lost"

Place = tuple[State, int]
"""A state and the day on whose evening somebody was in it."""


class Standing(Struct, frozen=True):
    """How far a group is on an evening.

    counted: in the order rate, with the window closed. undecided: by place, who is employed and
    whose window is open. The rest of those who went live can no longer count.
    """

    went_live: int
    counted: int
    undecided: Counter[Place]


class Life(Struct, frozen=True):
    """One newcomer's states on the evenings of all counted days."""

    first_day: date
    states: tuple[State, ...]

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=len(self.states) - 1)

    @property
    def counted(self) -> bool:
        """Whether it ended in the order rate."""
        return self.states[-1] == ORDERED


class Batch(Struct, frozen=True):
    """A matured batch (批次); passed: by place, its newcomers there; made_it: who of them counted.

    Places are those with a day left, so that there was something to wait for.
    """

    lives: tuple[Life, ...]
    passed: Counter[Place]
    made_it: Counter[Place]

    @property
    def final_on(self) -> date:
        return max(life.last_day for life in self.lives)

    def on(self, day: date) -> tuple[Standing, int]:
        """The standing on an evening, and how many of those live by then counted in the end."""
        live = [life for life in self.lives if life.first_day <= day]
        undecided: Counter[Place] = Counter()
        for life in live:
            if day < life.last_day:
                since = (day - life.first_day).days + 1
                undecided[life.states[since - 1], since] += 1
        closed = sum(life.counted for life in live if life.last_day <= day)
        standing = Standing(len(live), closed, _without_the_lost(undecided))
        return standing, sum(life.counted for life in live)


def standing(placed: Iterable[tuple[Newcomer, Window]]) -> Standing:
    """How far newcomers are on the evening of their windows' `happened_by`."""
    went_live = counted = 0
    undecided: Counter[Place] = Counter()
    for newcomer, window in placed:
        went_live += 1
        state = _state(newcomer, window)
        if window.is_open:
            undecided[state, (window.happened_by - window.first_day).days + 1] += 1
        else:
            counted += state == ORDERED
    return Standing(went_live, counted, _without_the_lost(undecided))


def matured(newcomers: Iterable[Newcomer], windows: Windows) -> list[Batch]:
    """The matured batches by code; `newcomers` must hold whole batches."""
    by_code: dict[str, list[tuple[Newcomer, Window]]] = {}
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is not None:
            code = newcomer.cohort_on(windows.happened_by)
            by_code.setdefault(code, []).append((newcomer, window))
    return [
        _batch([_life(newcomer, window) for newcomer, window in by_code[code]])
        for code in sorted(by_code)
        if not any(window.is_open for _, window in by_code[code])
    ]


def _batch(lives: list[Life]) -> Batch:
    passed: Counter[Place] = Counter()
    made_it: Counter[Place] = Counter()
    for life in lives:
        places = list(zip(life.states[:-1], range(1, len(life.states)), strict=True))
        passed.update(places)
        if life.counted:
            made_it.update(places)
    return Batch(tuple(lives), _without_the_lost(passed), made_it)


def _life(newcomer: Newcomer, window: Window) -> Life:
    changes = {window.first_day, newcomer.left_on}
    for order in newcomer.orders:
        changes |= {order.closed_on, order.credited_on, order.voided_on, order.reassigned_on}
    states: list[State] = []
    for days in range((window.last_day - window.first_day).days + 1):
        day = window.first_day + timedelta(days=days)
        if not days or day in changes:
            # Inside the window both cut-offs say the same: who left by the day is a leaver.
            state = _state(newcomer, replace(window, happened_by=day, leaves_until=day))
        states.append(state)
    return Life(window.first_day, tuple(states))


def _state(newcomer: Newcomer, window: Window) -> State:
    if window.lost(newcomer):
        return LOST
    for order in newcomer.orders:
        if order.is_known(window.happened_by) and window.excludes(order) is None:
            return ORDERED
    return WAITING


def _without_the_lost(people: Counter[Place]) -> Counter[Place]:
    return Counter({place: count for place, count in people.items() if place[0] != LOST})
