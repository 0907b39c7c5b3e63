"""Which newcomers a figure is about: a month, a cohort, a manager (主管), or everybody.

A month holds exactly those whose go-live (or last counted day, where the scheme says so) lies in
it. Who has not gone live belongs to no month, but counts as entered in the cohort, under the
manager and in the whole.
"""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from msgspec import Struct

from domain.kpi.figures import NewcomerFigures, Tally, has_entered, score
from domain.kpi.newcomer import Newcomer
from domain.kpi.scheme import Parameters, Scheme
from domain.kpi.window import Windows
from domain.values import Month

K = TypeVar("K")


def members(
    newcomers: Iterable[Newcomer],
    happened_by: date,
    scheme: Scheme | Parameters,
    *,
    month: Month | None = None,
    cohort: str | None = None,
    manager: str | None = None,
) -> list[Newcomer]:
    """The newcomers of a group on a day; cohort: its code. What is not asked for does not limit."""
    chosen = [
        newcomer
        for newcomer in newcomers
        if (cohort is None or newcomer.cohort_code == cohort)
        and (manager is None or newcomer.manager == manager)
    ]
    windows = Windows(scheme, happened_by)
    placed = [(newcomer, windows.of(newcomer)) for newcomer in chosen]
    if month is not None:
        return [newcomer for newcomer, window in placed if window and window.month == month]
    return [newcomer for newcomer, window in placed if window or has_entered(newcomer, happened_by)]


class Board(Struct, frozen=True):
    """A partner's figures at a glance; the keys are in rising order.

    by_cohort: by code. by_manager: newcomers without a manager are only in the other groups.
    """

    whole: NewcomerFigures
    by_month: dict[Month, NewcomerFigures]
    by_cohort: dict[str, NewcomerFigures]
    by_manager: dict[str, NewcomerFigures]


def board(newcomers: Iterable[Newcomer], happened_by: date, scheme: Scheme | Parameters) -> Board:
    """Every group's figures in one pass; each equals `figures(members(...))` of that group."""
    windows = Windows(scheme, happened_by)
    whole = Tally()
    months: dict[tuple[int, int], Tally] = {}
    cohorts: dict[str, Tally] = {}
    managers: dict[str, Tally] = {}
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is None and not has_entered(newcomer, happened_by):
            continue
        marks = score(newcomer, window, happened_by)
        whole.add(window, marks)
        _tally(cohorts, newcomer.cohort_code).add(window, marks)
        if newcomer.manager is not None:
            _tally(managers, newcomer.manager).add(window, marks)
        if window is not None:
            month = window.month
            _tally(months, (month.year, month.month)).add(window, marks)
    return Board(
        whole=whole.figures(windows),
        by_month={Month(*month): months[month].figures(windows) for month in sorted(months)},
        by_cohort={code: cohorts[code].figures(windows) for code in sorted(cohorts)},
        by_manager={name: managers[name].figures(windows) for name in sorted(managers)},
    )


def _tally(tallies: dict[K, Tally], group: K) -> Tally:
    found = tallies.get(group)
    if found is None:
        found = tallies[group] = Tally()
    return found
