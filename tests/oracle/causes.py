"""Why a figure that was submitted is another one now: what each later fact added, in log order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.oracle.classes import Fact, Share
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

    def counted(position: int) -> Share:
        facts = known(log, position)
        return total(chosen(standings(facts, day), wanted, facts.teaching), share)

    found, was = [], counted(since)
    for fact in log:
        if fact["position"] > since:
            now = counted(fact["position"])
            found.append(Cause(fact, now[0] - was[0], now[1] - was[1]))
            was = now
    return [cause for cause in found if (cause.numerator, cause.denominator) != (0, 0)]
