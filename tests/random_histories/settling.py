"""Along the days, what is still open only narrows: the floor never falls, the ceiling never rises.

That is promised for a fixed list of the live and for facts recorded in time: everything is known
here, so that every fact is in time for its own day. Some things may still move what is final, and
whoever they are about is left out: an order that is voided or handed on later than it counted, or
closed after the last day worked (a leaving that is recorded afterwards may lie before it), a second
go-live where the scheme lets it open another window, leaving where the scheme asks for it at
the time of the report, and where it counts leavers in the numerator and not in the denominator.
"""

from datetime import date, timedelta
from fractions import Fraction

from domain.kpi.catalog import kpi_by_slug
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from tests.oracle.known import Known, known
from tests.oracle.standing import window
from tests.random_histories.comparing import Past, Told, fraction
from tests.situation import START

DAYS = tuple(START + timedelta(days=day) for day in range(20, 260, 15))


def settles(past: Past, told: Told) -> None:
    """past: with everything known."""
    facts = known(told.log)
    steady = [who for who in facts.people if _is_steady(facts, who)]
    for first in DAYS[::5]:
        live = {who for who in steady if window(facts.people[who], first, facts.schemes)}
        _narrows(past.of(live, ()), [day for day in DAYS if day >= first])


def _is_steady(facts: Known, who: str) -> bool:
    person = facts.people[who]
    moved = [
        order
        for order in facts.orders.values()
        if (order.given or order.voided_on) and who in facts.sellers(order, date.max)
    ]
    left = person.left
    beyond = left and any(
        facts.closer(order) == who and order.closed["on"] > left["on"]
        for order in facts.orders.values()
    )
    placed = window(person, DAYS[-1], facts.schemes)
    if placed is None or moved or beyond or len(person.lives) > 1:
        return False
    rules = placed[1]
    over_all = rules["leaver_rule"] == "counted" and rules["denominator"] == "employed"
    return rules["leaver_cutoff"] == "window_close" and not over_all


def _narrows(evidence: Evidence, days: list[date]) -> None:
    floor, ceiling = Fraction(0), None
    for day in days:
        found = evaluate([kpi_by_slug("order_rate")], Basis(evidence, day)).figures
        rate = found["order_rate"]
        lowest, figure, highest = map(fraction, (rate.floor, rate.ratio, rate.ceiling))
        if lowest is not None:
            assert lowest >= floor, f"the floor fell to {lowest} on {day}: {evidence}"
            floor = lowest
        if highest is not None:
            assert ceiling is None or highest <= ceiling, f"the ceiling rose to {highest} on {day}"
            ceiling = highest
        if lowest is not None and figure is not None and highest is not None:
            assert lowest <= figure <= highest
