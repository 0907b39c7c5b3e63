"""Matured batches, final for all their people: how far each was on every day, and its end.

A day is a day since the go-live, the go-live day being day 1. A newcomer's end is how the evening
found it on which the window and the cut-off for leaving are over; what was voided after that, or
recorded later, is not the window's doing.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.kpi.subjects.measure import COULD_ORDER, ORDERED, ORDERED_FOR_GOOD
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomer_state import NewcomerState, state_of
from domain.kpi.subjects.window import Window, Windows, cohort_of

Stage = Literal["counted", "ordered", "waiting", "lost"]
"""In the order rate for good; in it and could leave; not in it and could order; not to be in it."""

StageOnDay = tuple[Stage, int]
"""A stage and the day on whose evening somebody was in it."""


class Progress(Struct, frozen=True):
    """How far those who went live are on an evening; the rest of them can no longer count.

    counted: for good, the floor of the order rate. undecided: those up to its ceiling, by place.
    """

    went_live: int
    counted: int
    undecided: Counter[StageOnDay]


class Life(Struct, frozen=True):
    """One newcomer's stages on the evenings of all days until it is final."""

    first_day: date
    stages: tuple[Stage, ...]

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=len(self.stages) - 1)

    @property
    def counted(self) -> bool:
        """Whether it ended in the order rate."""
        return self.stages[-1] == "counted"

    def on(self, day: date) -> StageOnDay:
        """The stage and day on an evening, or the last ones; not before the first day."""
        days = min((day - self.first_day).days + 1, len(self.stages))
        return self.stages[days - 1], days


class MaturedBatch(Struct, frozen=True):
    """A matured batch (批次); passed: by place, who was there; made_it: who of them counted."""

    lives: tuple[Life, ...]
    passed: Counter[StageOnDay]
    made_it: Counter[StageOnDay]

    @property
    def final_on(self) -> date:
        return max(life.last_day for life in self.lives)

    def on(self, day: date) -> tuple[Progress, int]:
        """The progress by an evening, and how many of those live by then counted in the end."""
        live = [life for life in self.lives if life.first_day <= day]
        return _progress([life.on(day) for life in live]), sum(life.counted for life in live)


def progress(placed: Iterable[tuple[Newcomer, Window]], windows: Windows) -> Progress:
    """How far newcomers are on the day of the windows, by the last evening that is over."""
    day = windows.over_until
    return _progress(
        [
            (_stage(state_of(who, window, windows)), (day - window.first_day).days + 1)
            for who, window in placed
        ]
    )


def matured(newcomers: Iterable[Newcomer], windows: Windows) -> list[MaturedBatch]:
    """The matured batches by code; `newcomers` must hold whole batches."""
    by_code: dict[str, list[tuple[Newcomer, Window]]] = {}
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is not None:
            code = cohort_of(newcomer, window, windows.happened_by)
            by_code.setdefault(code, []).append((newcomer, window))
    return [
        _batch([_life(newcomer, window, windows) for newcomer, window in by_code[code]])
        for code in sorted(by_code)
        if all(window.is_final for _, window in by_code[code])
    ]


def _progress(places: list[StageOnDay]) -> Progress:
    counted = sum(stage == "counted" for stage, _ in places)
    return Progress(len(places), counted, _undecided(places))


def _undecided(places: Iterable[StageOnDay]) -> Counter[StageOnDay]:
    return Counter(place for place in places if place[0] in ("ordered", "waiting"))


def _batch(lives: list[Life]) -> MaturedBatch:
    passed: Counter[StageOnDay] = Counter()
    made_it: Counter[StageOnDay] = Counter()
    for life in lives:
        undecided = _undecided(zip(life.stages, range(1, len(life.stages) + 1), strict=True))
        passed.update(undecided)
        if life.counted:
            made_it.update(undecided)
    return MaturedBatch(tuple(lives), passed, made_it)


def _life(newcomer: Newcomer, window: Window, windows: Windows) -> Life:
    changes = {window.first_day, window.last_day, window.cutoff, newcomer.left_on}
    for order in newcomer.orders:
        changes |= {order.closed_on, order.credited_on, order.voided_on, order.reassigned_on}
    stages: list[Stage] = []
    for days in range((window.final_on - window.first_day).days + 1):
        day = window.first_day + timedelta(days=days)
        if day in changes:
            then = replace(window, happened_by=day, over_until=day)
            stage = _stage(NewcomerState(newcomer, then, day, window.rules, windows.zone))
        stages.append(stage)
    return Life(window.first_day, tuple(stages))


def _stage(state: NewcomerState) -> Stage:
    if ORDERED_FOR_GOOD.of(state):
        return "counted"
    if ORDERED.of(state):
        return "ordered"
    return "waiting" if COULD_ORDER.of(state) else "lost"
