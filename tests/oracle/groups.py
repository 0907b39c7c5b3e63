"""Who is in a group: of a month, a batch, a manager, a training manager, as it was on the day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tests.oracle.classes import Class, Teaching
from tests.oracle.known import Known
from tests.oracle.standing import Standing


@dataclass(frozen=True)
class Wanted:
    """What limits a group; None does not. month: YYYY-MM."""

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
        and answered(wanted, teaching, one.person.cohort_on(one.today), one.today)
    ]


def answered(wanted: Wanted, teaching: Teaching, batch: str, day: date) -> bool:
    """Whether the training manager asked for, if any, answers for the batch."""
    asked = wanted.training_manager
    return asked is None or teaching.answers_for(batch, day) == asked


def classes(facts: Known, wanted: Wanted, day: date) -> list[Class]:
    """A class belongs to the month of its planned day; those who lead newcomers have none."""
    return [
        one
        for one in facts.teaching.classes.values()
        if wanted.manager is None
        and wanted.cohort in (None, one.batch)
        and wanted.month in (None, one.plan_on(day)["planned_on"].strftime("%Y-%m"))
        and answered(wanted, facts.teaching, one.batch, day)
    ]


def belongs(one: Standing, wanted: Wanted, months: dict[str, str]) -> bool:
    person, today = one.person, one.today
    cohort = person.cohort_on(today)
    if wanted.cohort is not None and cohort != wanted.cohort:
        return False
    if wanted.manager is not None and person.manager_on(today) != wanted.manager:
        return False
    if wanted.month is None:
        return True
    if one.window:
        return one.window.month == wanted.month
    return months.get(cohort, person.enrolled["on"].strftime("%Y-%m")) == wanted.month


def batch_months(everybody: list[Standing]) -> dict[str, str]:
    """The month of most of a batch's go-lives, of two equal ones the earlier."""
    counts: dict[str, Counter[str]] = {}
    for one in everybody:
        if one.window:
            counts.setdefault(one.person.cohort_on(one.today), Counter())[one.window.month] += 1
    return {
        cohort: min(month for month in months if months[month] == max(months.values()))
        for cohort, months in counts.items()
    }
