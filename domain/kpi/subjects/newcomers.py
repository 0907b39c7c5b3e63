"""Newcomers (新人) as a subject of KPIs: who is one on a day, and to which groups each belongs.

A month holds those whose go-live (or last counted day, where the scheme says so) lies in it, and
those of their batch who have not gone live: else nobody who failed would ever be in a month's trial
pass rate, nor the two of the source's twenty who did not make it (S40). The batch's month is that
of most of its go-lives, of two equal ones the earlier; a batch without any is in the month in which
each entered. Special posts are no newcomers:
which post one has is settled like the batch.

Whom a newcomer counts for is settled with the go-live and the window: the batch and its head
teacher by the day of the go-live, the manager by the window's last day. No later change moves a
figure of the past. Who is not live counts for the manager and the batch of the evening or the last
day, and for who led that batch on the day of entering.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

from domain.kernel.values import Month
from domain.kpi.evidence import Basis
from domain.kpi.group import EVERYBODY, Keys
from domain.kpi.subject import Subject
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomer_state import NewcomerState, state_of
from domain.kpi.subjects.window import Window, Windows, cohort_of, employed_until, manager_of

Placed = tuple[Newcomer, Window | None]


def states(basis: Basis) -> Iterator[tuple[NewcomerState, Keys]]:
    """The newcomers of a group who had gone live or entered by the day."""
    windows = basis.windows
    for newcomer, window, keys in _chosen(basis):
        yield state_of(newcomer, window, windows), keys


NEWCOMERS = Subject("newcomers", states)


def states_of_newcomers(basis: Basis) -> list[NewcomerState]:
    """The newcomers of a group, as they were on the evening of the day."""
    return [cast(NewcomerState, state) for state, _ in NEWCOMERS.of(basis)]


def members_of(basis: Basis) -> list[Newcomer]:
    """The newcomers of a group.

    basis: of whole batches, since the months of some follow from those of others.
    """
    return [who for who, _, _ in _chosen(basis)]


def final_in(newcomers: Iterable[Newcomer], month: Month, windows: Windows) -> list[Newcomer]:
    """The newcomers whose figures became final in the month (S54)."""
    placed = ((newcomer, windows.of(newcomer)) for newcomer in newcomers)
    return [
        newcomer
        for newcomer, window in placed
        if window and window.is_final and Month.of(window.final_on) == month
    ]


def has_entered(newcomer: Newcomer, happened_by: date) -> bool:
    """Whether a salesperson was enrolled by the day who had not gone live.

    A go-live counts as entering too, whatever the enrolment's date, and settles the post; the
    caller sees to that.
    """
    is_live = any(live.on <= happened_by for live in newcomer.lives)
    has_come = newcomer.entered_on <= happened_by and not is_live
    return has_come and newcomer.sells_on(employed_until(newcomer, happened_by))


def _chosen(basis: Basis) -> Iterator[tuple[Newcomer, Window | None, Keys]]:
    day, group, windows = basis.day, basis.group, basis.windows
    managers = basis.training_managers
    placed = [(newcomer, windows.of(newcomer)) for newcomer in basis.evidence.newcomers]
    placed = [(who, window) for who, window in placed if window or has_entered(who, day)]
    batches = _batch_months(placed, day)
    for newcomer, window in placed:
        cohort = cohort_of(newcomer, window, day)
        month = window.month if window else batches.get(cohort) or Month.of(newcomer.entered_on)
        began = window.first_day if window else newcomer.entered_on
        manager = manager_of(newcomer, window, day)
        keys = Keys(month, cohort, manager, managers.of(cohort, began))
        if group is EVERYBODY or group.contains(keys):
            yield newcomer, window, keys


def _batch_months(placed: Iterable[Placed], day: date) -> dict[str, Month]:
    """Cohort code -> the month of most of its go-lives."""
    counted: dict[str, Counter[Month]] = {}
    for newcomer, window in placed:
        if window is not None:
            counted.setdefault(cohort_of(newcomer, window, day), Counter())[window.month] += 1
    return {
        code: min(months, key=lambda month: (-months[month], month))
        for code, months in counted.items()
    }
