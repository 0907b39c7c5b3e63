"""Counts of newcomers that KPIs share; the KPIs of `catalog/` are formulas over measures."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from domain.kpi.subjects.newcomer_state import NewcomerState


class Measure(Struct, frozen=True):
    """One count. slug: what is counted, plural; unique.

    of: what one subject adds (0 or more), from its state (domain/kpi/subject.py).
    """

    slug: str
    of: Callable[[Any], int]


def _order_base(state: NewcomerState) -> int:
    if state.rules.denominator == "employed":
        return int(state.employed)
    return int(state.window is not None)


def _floor_base(state: NewcomerState) -> int:
    if state.rules.denominator == "employed" and state.may_lose and state.ordered:
        # The worst that can happen is that it leaves, and then it is in neither.
        return int(state.rules.leaver_rule == "counted")
    return _order_base(state)


def _ordered_for_good(state: NewcomerState) -> int:
    safe = not state.may_lose or state.rules.leaver_rule == "counted"
    return int(safe and state.ordered)


def _trial_base(state: NewcomerState) -> int:
    if state.rules.trial_denominator == "entered":
        return 1
    return state.trials_judged


def _trials_counted(state: NewcomerState) -> int:
    passed = state.trials_passed
    return min(1, passed) if state.rules.trial_denominator == "entered" else passed


ENTERED = Measure("entered", lambda s: 1)
WENT_LIVE = Measure("went_live", lambda s: int(s.window is not None))
EMPLOYED = Measure("employed", lambda s: int(s.employed))
ORDERED = Measure("ordered", lambda s: int(s.ordered))
ORDERED_FOR_GOOD = Measure("ordered_for_good", _ordered_for_good)
COULD_ORDER = Measure(
    "could_order", lambda s: int(s.is_open and s.left_on is None and not s.orders)
)
ORDERED_OR_COULD = Measure("ordered_or_could", lambda s: ORDERED.of(s) + COULD_ORDER.of(s))
ORDER_BASE = Measure("order_base", _order_base)
FLOOR_BASE = Measure("floor_base", _floor_base)
VALID_ORDERS = Measure("valid_orders", lambda s: len(s.orders))
TRIALS_JUDGED = Measure("trials_judged", lambda s: s.trials_judged)
PASSED_A_TRIAL = Measure("passed_a_trial", lambda s: min(1, s.trials_passed))
TRIALS_COUNTED = Measure("trials_counted", _trials_counted)
TRIAL_BASE = Measure("trial_base", _trial_base)
