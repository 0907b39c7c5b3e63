"""Which newcomers a figure is about: a month, a cohort, a manager (主管), or everybody.

A month holds those whose go-live (or last counted day, where the scheme says so) lies in it, and
those of their batch who have not gone live: else nobody who failed would ever be in a month's trial
pass rate, nor the two of the source's twenty who did not make it (S40). The batch's month is that
of most of its go-lives, of two equal ones the earlier; a batch without any is in the month in which
each entered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.scheme.versions import Parameters, Scheme
from domain.kpi.subjects.figures import NewcomerFigures, Tally, has_entered, score
from domain.kpi.subjects.measure import BASE, Measure
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.standing import standing_of
from domain.kpi.subjects.window import Window, Windows

YearMonth = tuple[int, int]
Placed = tuple[Newcomer, Window | None]


class Group(Struct, frozen=True):
    """What limits a group; None does not.

    cohort: its code. cohorts: codes of the batches that one training manager answers for.
    """

    month: Month | None = None
    cohort: str | None = None
    manager: str | None = None
    cohorts: frozenset[str] | None = None

    def holds(self, newcomer: Newcomer, day: date) -> bool:
        """Whether batch and manager of that day are the group's; months are for `members`."""
        if self.manager is not None and newcomer.manager_on(day) != self.manager:
            return False
        if self.cohort is None and self.cohorts is None:
            return True
        code = newcomer.cohort_on(day)
        if self.cohort is not None and code != self.cohort:
            return False
        return self.cohorts is None or code in self.cohorts


EVERYBODY = Group()


def members(
    newcomers: Iterable[Newcomer],
    happened_by: date,
    scheme: Scheme | Parameters,
    group: Group = EVERYBODY,
) -> list[Newcomer]:
    """The newcomers of a group on a day.

    `newcomers` must hold whole batches: the months of some follow from those of others.
    """
    return members_of(newcomers, Windows(scheme, happened_by), group)


def members_of(
    newcomers: Iterable[Newcomer], windows: Windows, group: Group = EVERYBODY
) -> list[Newcomer]:
    """The same where the windows are at hand."""
    return [who for who, _, _ in _chosen(newcomers, windows, group)]


def closed_in(
    newcomers: Iterable[Newcomer], month: Month, happened_by: date, scheme: Scheme | Parameters
) -> list[Newcomer]:
    """Whose window closed in the month: their figures became final then (S54)."""
    windows = Windows(scheme, happened_by)
    placed = ((newcomer, windows.of(newcomer)) for newcomer in newcomers)
    return [
        newcomer
        for newcomer, window in placed
        if window and not window.is_open and Month.of(window.last_day) == month
    ]


class Board(Struct, frozen=True):
    """A partner's figures at a glance; the keys are in rising order.

    by_cohort: by code. by_manager: newcomers without a manager are only in the other groups.
    """

    whole: NewcomerFigures
    by_month: dict[Month, NewcomerFigures]
    by_cohort: dict[str, NewcomerFigures]
    by_manager: dict[str, NewcomerFigures]


def board(
    newcomers: Iterable[Newcomer],
    happened_by: date,
    scheme: Scheme | Parameters,
    group: Group = EVERYBODY,
) -> Board:
    """The figures of every group within a group, in one pass.

    Each equals `figures(members(...))` of that group; `newcomers` must hold whole batches.
    """
    return board_of(newcomers, Windows(scheme, happened_by), group)


def board_of(
    newcomers: Iterable[Newcomer],
    windows: Windows,
    group: Group = EVERYBODY,
    measures: Sequence[Measure] = BASE,
) -> Board:
    """The same where the windows are at hand, and of other measures."""
    day = windows.happened_by
    whole = Tally(measures)
    months: defaultdict[YearMonth, Tally] = defaultdict(partial(Tally, measures))
    cohorts: defaultdict[str, Tally] = defaultdict(partial(Tally, measures))
    managers: defaultdict[str, Tally] = defaultdict(partial(Tally, measures))
    for newcomer, window, month in _chosen(newcomers, windows, group):
        marks = score(standing_of(newcomer, window, windows), measures)
        whole.add(window, marks)
        cohorts[newcomer.cohort_on(day)].add(window, marks)
        manager = newcomer.manager_on(day)
        if manager is not None:
            managers[manager].add(window, marks)
        months[month].add(window, marks)
    return Board(
        whole=whole.figures(windows),
        by_month={Month(*month): months[month].figures(windows) for month in sorted(months)},
        by_cohort={code: cohorts[code].figures(windows) for code in sorted(cohorts)},
        by_manager={name: managers[name].figures(windows) for name in sorted(managers)},
    )


def _chosen(
    newcomers: Iterable[Newcomer], windows: Windows, group: Group
) -> list[tuple[Newcomer, Window | None, YearMonth]]:
    """Who of the group had gone live or entered by the day, with window and month."""
    day = windows.happened_by
    placed = [(newcomer, windows.of(newcomer)) for newcomer in newcomers]
    placed = [(who, window) for who, window in placed if window or has_entered(who, day)]
    batches = _batch_months(placed, day)
    wanted = group.month and (group.month.year, group.month.month)
    chosen = []
    for newcomer, window in placed:
        if not group.holds(newcomer, day):
            continue
        month = _month(newcomer, window, batches, day)
        if wanted is None or month == wanted:
            chosen.append((newcomer, window, month))
    return chosen


def _batch_months(placed: Iterable[Placed], day: date) -> dict[str, YearMonth]:
    """Cohort code -> the month of most of its go-lives."""
    counted: dict[str, Counter[YearMonth]] = {}
    for newcomer, window in placed:
        if window is not None:
            month = (window.month.year, window.month.month)
            counted.setdefault(newcomer.cohort_on(day), Counter())[month] += 1
    return {
        code: min(months, key=lambda month: (-months[month], month))
        for code, months in counted.items()
    }


def _month(
    newcomer: Newcomer, window: Window | None, batches: dict[str, YearMonth], day: date
) -> YearMonth:
    if window is not None:
        return (window.month.year, window.month.month)
    entered = newcomer.entered_on
    return batches.get(newcomer.cohort_on(day)) or (entered.year, entered.month)
