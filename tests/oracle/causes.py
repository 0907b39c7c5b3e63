"""Why a figure that was submitted is another one now: what each later fact added, in log order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from tests.oracle.classes import Fact, Share, Teaching
from tests.oracle.groups import Wanted, chosen
from tests.oracle.known import known
from tests.oracle.kpis import total
from tests.oracle.standing import Standing, standings


@dataclass(frozen=True)
class Cause:
    """What one fact added to a figure's numerator and denominator; a scheme is a fact too."""

    fact: Fact
    numerator: int
    denominator: int


def causes(
    log: list[Fact],
    since: int,
    day: date,
    wanted: Wanted,
    share: Callable[[Standing], Share],
) -> list[Cause]:
    """Of all that was recorded after a position, what moved the figure of a day and a group."""
    found, was = [], None
    for fact, group in known_one_by_one(log, since, day, wanted):
        now = total(group, share)
        if was is not None and now != was:
            found.append(Cause(fact, now[0] - was[0], now[1] - was[1]))
        was = now
    return found


def known_one_by_one(
    log: list[Fact], since: int, day: date, wanted: Wanted, teaching: Teaching | None = None
) -> Iterator[tuple[Fact, list[Standing]]]:
    """The group of a day as it was known at a position, with no fact, and after each later fact.

    teaching: what is known of classes and batches all along, with managers as they are told; None:
    what the facts say of them, and of who turned out to be whom.
    """
    for fact in ({"position": since}, *(fact for fact in log if fact["position"] > since)):
        facts = known(log, fact["position"], joined=teaching is None)
        yield fact, chosen(standings(facts, day), wanted, teaching or facts.teaching)
