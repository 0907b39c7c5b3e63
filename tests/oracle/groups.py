"""Who is in a group: of a month, a batch, a manager, a training manager, as it was on the day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tests.oracle.classes import Class, Teaching
from tests.oracle.known import Known
from tests.oracle.standing import Standing


@dataclass(frozen=True)
class Wanted:
    """What limits a group; None does not. month: YYYY-MM. manager, training_manager: by the names
    that were told first (tests/oracle/staff.py)."""

    month: str | None = None
    cohort: str | None = None
    manager: str | None = None
    training_manager: str | None = None


def chosen(everybody: list[Standing], wanted: Wanted, teaching: Teaching) -> list[Standing]:
    """Of all standings of a day those in the group."""
    months = batch_months(everybody)
    return [
        one
        for one in everybody
        if belongs(one, wanted, months)
        and wanted.training_manager in (None, one.training_manager(teaching))
    ]


def training_manager(facts: Known, one: Class, day: date) -> str | None:
    """Who answers for a class: the head teacher of its planned day."""
    return facts.teaching.answered_for(one.batch, min(day, one.plan_on(day)["planned_on"]), day)


def classes(facts: Known, wanted: Wanted, day: date) -> list[Class]:
    """A class belongs to the month of its planned day; those who lead newcomers have none."""
    return [
        one
        for one in facts.teaching.classes.values()
        if wanted.manager is None
        and wanted.cohort in (None, one.batch)
        and wanted.month in (None, one.plan_on(day)["planned_on"].strftime("%Y-%m"))
        and wanted.training_manager in (None, training_manager(facts, one, day))
    ]


def belongs(one: Standing, wanted: Wanted, months: dict[str, str]) -> bool:
    if wanted.cohort is not None and one.cohort != wanted.cohort:
        return False
    if wanted.manager is not None and one.manager != wanted.manager:
        return False
    if wanted.month is None:
        return True
    if one.window:
        return one.window.month == wanted.month
    return months.get(one.cohort, one.person.enrolled["on"].strftime("%Y-%m")) == wanted.month


def batch_months(everybody: list[Standing]) -> dict[str, str]:
    """The month of most of a batch's go-lives, of two equal ones the earlier."""
    counts: dict[str, Counter[str]] = {}
    for one in everybody:
        if one.window:
            counts.setdefault(one.cohort, Counter())[one.window.month] += 1
    return {
        cohort: min(month for month in months if months[month] == max(months.values()))
        for cohort, months in counts.items()
    }
