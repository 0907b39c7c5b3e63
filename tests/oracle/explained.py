"""What the newcomers' figures open to: the people, orders and verdicts, and the rules against them.

spec/kpi.md, "Explanation".
"""

from tests.oracle.classes import Fact
from tests.oracle.known import Known, Order
from tests.oracle.kpis import has_ordered, verdicts
from tests.oracle.standing import Standing

Rule = str | None
"""Why it does not count; None: it does."""


def members(group: list[Standing]) -> dict[str, Rule]:
    """Whoever went live, with what keeps them from the order rate's numerator."""
    return {one.person.who: _of_member(one) for one in group if one.window}


def _of_member(one: Standing) -> Rule:
    if has_ordered(one):
        return None
    if not one.stays:
        return "left_before_cutoff"
    return "window_open" if one.is_open else "no_order_in_window"


def orders(facts: Known, group: list[Standing]) -> dict[tuple[str, str], Rule]:
    """By person and number, whatever order a person of the group had by the day."""
    by_name = {one.person.who: one for one in group}
    return {
        (who, no): _of_order(facts, order, by_name[who])
        for day in {one.day for one in group}  # One, or none for nobody.
        for no, order in facts.orders.items()
        if order.closed["on"] <= day
        for who in by_name.keys() & facts.sellers(order, day)
    }


def _of_order(facts: Known, order: Order, one: Standing) -> Rule:
    closed_on = order.closed["on"]
    if one.window is None:
        return "not_live"
    if closed_on < one.window.first_day:
        return "before_go_live"
    if closed_on > one.window.last_day:
        return "after_window"
    holds = {
        "voided": order.voided_on is not None and order.voided_on <= one.day,
        "reassigned": facts.sellers(order, one.day)[-1] != one.person.who,
    }
    return next((rule for rule, is_so in holds.items() if is_so), None)


def judged(group: list[Standing]) -> list[tuple[str, Fact]]:
    """The verdicts on trial posts by the day, with the person judged."""
    return [(one.person.who, verdict) for one in group for verdict in verdicts(one)]
