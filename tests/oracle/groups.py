"""Who is in a group: of a month, of a batch, of a manager, as it was on the day."""

from collections import Counter
from dataclasses import dataclass

from tests.oracle.standing import Standing


@dataclass(frozen=True)
class Wanted:
    """What limits a group; None does not. month: YYYY-MM."""

    month: str | None = None
    cohort: str | None = None
    manager: str | None = None


def chosen(everybody: list[Standing], wanted: Wanted) -> list[Standing]:
    """Of all standings of a day those in the group."""
    months = batch_months(everybody)
    return [one for one in everybody if belongs(one, wanted, months)]


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
