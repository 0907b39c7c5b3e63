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

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import cast

from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, Evening
from domain.kpi.group import EVERYBODY, By, Keys
from domain.kpi.subject import Subject
from domain.kpi.subjects.classes import CLASSES
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomer_state import NewcomerState, state_of
from domain.kpi.subjects.window import Windows, cohort_of, employed_until, manager_of


def _on(newcomer: Newcomer, evening: Evening) -> tuple[NewcomerState, Keys] | None:
    """Who had gone live or entered by the day."""
    day, windows = evening.day, evening.windows
    window = windows.of(newcomer)
    if window is None and not has_entered(newcomer, day):
        return None
    cohort = cohort_of(newcomer, window, day)
    if window is not None:
        month, began = window.month, window.first_day
    else:
        began = newcomer.entered_on
        month = evening.batch_months.of(cohort, day) or Month.of(began)
    manager = manager_of(newcomer, window, day)
    keys = Keys(month, cohort, manager, evening.training_managers.of(cohort, began))
    return state_of(newcomer, window, windows), keys


def _turns(basis: Basis, since: date, after: Iterable[int]) -> Callable[[Newcomer], list[date]]:
    """The days of the facts and the ends of the windows; of who is not live also those of the batch
    and of the scheme, which place and score everybody in training anew."""
    evidence, windows = basis.evidence, basis.windows
    versions = evidence.scheme.versions
    scored = [one.effective_from.first_day for one in versions if one.effective_from]
    opened = {code: its[0].on for code, its in evidence.handovers.items() if its}
    ends = cache(lambda first_day: windows.ends_of(first_day, after))

    def turns(newcomer: Newcomer) -> list[date]:
        days = newcomer.days()
        for live in newcomer.lives:
            days += ends(live.on)
        is_live = any(live.on <= since for live in newcomer.lives)
        for code in (newcomer.cohort_code, *(moved.cohort_code for moved in newcomer.transfers)):
            if code in opened:
                days.append(opened[code])
            if not is_live:
                days += evidence.batch_months.turns(code)
        return days if is_live else days + scored

    return turns


NEWCOMERS = Subject("newcomers", lambda evidence: evidence.newcomers, _on, _turns)


def states_of_newcomers(basis: Basis) -> list[NewcomerState]:
    """The newcomers of a group, as they were on the evening of the day."""
    return [cast(NewcomerState, state) for state, _ in NEWCOMERS.of(basis)]


def members_of(basis: Basis) -> list[Newcomer]:
    """The newcomers of a group.

    basis: of whole batches, since the months of some follow from those of others.
    """
    return [state.newcomer for state in states_of_newcomers(basis)]


def managers_of(basis: Basis) -> frozenset[str]:
    """The ids of the managers and the training managers of whom whoever asks may know."""
    evidence = basis.evidence
    if basis.within is None:
        return evidence.managers | evidence.training_managers
    placed = _placed(basis)
    both = {keys.manager for keys in placed} | {keys.training_manager for keys in placed}
    return frozenset(filter(None, both))


def is_known(basis: Basis, by: By, key: str) -> bool:
    """Whether whoever asks may know that there is such a manager, training manager or batch: of
    everybody, whoever was ever recorded; else who is within."""
    within, evidence = basis.within, basis.evidence
    if within is None:
        known = evidence.managers if by == "manager" else evidence.training_managers
        return by == "cohort" or key in known
    return within.holds(by, key) or any(getattr(keys, by) == key for keys in _placed(basis))


def _placed(basis: Basis) -> list[Keys]:
    """The groups of the newcomers and of the classes of whom whoever asks may know."""
    whole = replace(basis, group=EVERYBODY)
    return [keys for subject in (NEWCOMERS, CLASSES) for _, keys in subject.of(whole)]


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
