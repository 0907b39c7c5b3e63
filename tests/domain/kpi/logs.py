"""Logs of a partner's people after random histories, and the facts that they fold into."""

from domain.kernel.aggregate import Recorded
from domain.kpi.subjects.newcomer import Newcomer, evolve, key
from tests.carrying import recorded
from tests.histories import histories
from tests.steps import Step

lives = histories(30, pace=4, whole_tenant=False)


def log_of(history: list[Step]) -> list[Recorded]:
    """What a history records of people, who may have been told of in any order."""
    return [one for one in recorded(history) if key(one.event)]


def folded(log: list[Recorded]) -> dict[str, Newcomer]:
    """Everybody's facts after a log, by trainee id."""
    found: dict[str, Newcomer] = {}
    for one in log:
        who = key(one.event)
        if who:
            facts = evolve(found.pop(who, None), one.event, one.position, one.recorded_at)
            if facts:
                found[who] = facts
    return found
