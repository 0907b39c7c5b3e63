"""Facts as of a day: without everything that happened after its evening.

A correction is no happening: it says what was true all along, and stays. What is left gives the
same figures on that day and on every day before it.
"""

from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from domain.kpi.subjects.facts import ComplaintFact, OrderFact
from domain.kpi.subjects.newcomer import DATED, Newcomer
from domain.kpi.subjects.teaching import ClassFacts, known_by

F = TypeVar("F", OrderFact, ComplaintFact)


def newcomer_as_of(newcomer: Newcomer, day: date) -> Newcomer | None:
    """A newcomer's facts on the evening of a day, the last day worked; None before entering.

    The newcomer itself where nothing can have happened later, as with most of a partner's past.
    """
    if newcomer.entered_on > day:
        return None
    if max(newcomer.days()) <= day:
        return newcomer
    known = {
        name: tuple(fact for fact in facts if fact.on <= day)
        for name in DATED
        if (facts := getattr(newcomer, name))
    }
    orders = (order for order in newcomer.orders if order.is_known(day))
    complaints = (one for one in newcomer.complaints if one.on <= day)
    kept = replace(
        newcomer,
        **known,
        orders=tuple(_without(one, day, "voided", "reassigned") for one in orders),
        complaints=tuple(_without(one, day, "withdrawn") for one in complaints),
    )
    leaves_later = newcomer.left_on is not None and newcomer.left_on > day
    return kept.without_leaving() if leaves_later else kept


def class_as_of(facts: ClassFacts, day: date) -> ClassFacts:
    """The facts of a class on the evening of a day.

    The first plan is always among them: it has no day but that of recording.
    """
    return replace(
        facts,
        changes=tuple(plan for plan in facts.changes if (plan.approved_on or date.min) <= day),
        opening=known_by(day, facts.opening),
        closing=known_by(day, facts.closing),
        summary=known_by(day, facts.summary),
        cancelling=known_by(day, facts.cancelling),
    )


def _without(fact: F, day: date, *endings: str) -> F:
    """The fact without those of its endings (`voided`) that came after the day."""
    for ending in endings:
        ended_on = getattr(fact, f"{ending}_on")
        if ended_on is not None and ended_on > day:
            fact = replace(fact, **{f"{ending}_on": None, f"{ending}_position": None})
    return fact
