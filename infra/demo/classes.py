"""The classes of a demo batch as commands: mostly as planned, some late, some changed or cut short.

What happens in a class follows from the seed, the batch and the class's number alone; today only
says how much of it has happened yet.
"""

from datetime import date, timedelta
from random import Random

import msgspec

from infra.demo.chance import seeded
from infra.demo.trade import Words
from services.teaching.session import (
    ApprovePlanChange,
    CloseSession,
    OpenSession,
    PlanSession,
    WriteSummary,
)

DAYS_APART = 3


def classes(
    words: Words, cohort: str, opened_on: date, size: int, today: date
) -> list[list[msgspec.Struct]]:
    """For each class, its commands up to today, in order."""
    found = []
    for number, topics in enumerate(words.classes):
        dated = _commands(words, cohort, topics, opened_on, size, number)
        found.append([command for on, command in dated if on <= today])
    return found


def _commands(
    words: Words, cohort: str, topics: list[str], opened_on: date, size: int, number: int
) -> list[tuple[date, msgspec.Struct]]:
    rng = seeded(cohort, "class", number)
    code = f"{cohort}-K{number + 1}"
    planned_on = opened_on + timedelta(days=DAYS_APART * number)
    dated: list[tuple[date, msgspec.Struct]] = [
        (opened_on, PlanSession(cohort, code, planned_on, topics))
    ]
    if number and rng.random() < 0.12:
        approved_on = planned_on - timedelta(days=1)
        planned_on += timedelta(days=rng.randint(2, 3))
        reason = rng.choice(words.replanning)
        change = ApprovePlanChange(code, planned_on, topics, approved_on, reason)
        dated.append((approved_on, change))
    held_on = planned_on + timedelta(days=_late(rng))
    there = max(1, size - rng.randint(0, 2))
    dated.append((held_on, OpenSession(code, held_on, there)))
    ended_on = held_on + timedelta(days=1)
    taught = topics[:-1] if len(topics) > 1 and rng.random() < 0.06 else topics
    stayed = max(1, there - rng.randint(0, 1))
    dated.append((ended_on, CloseSession(code, ended_on, taught, stayed)))
    if rng.random() < 0.94:
        days = rng.randint(0, 3) if rng.random() < 0.88 else rng.randint(4, 7)
        written_on = ended_on + timedelta(days=days)
        dated.append((written_on, WriteSummary(code, written_on, rng.choice(words.summaries))))
    return dated


def _late(rng: Random) -> int:
    return rng.choices((0, 1, 2, 3), weights=(84, 9, 4, 3))[0]
