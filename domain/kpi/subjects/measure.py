"""What is counted of newcomers: base series; the KPIs of `catalog/` are formulas over them."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from domain.kpi.subjects.standing import Standing


class Measure(Struct, frozen=True):
    """One count. slug: what is counted, plural; unique. of: what one subject adds (0 or more).

    The subject is a Standing, or a class's standing for the measures of classes.
    """

    slug: str
    of: Callable[[Any], int]


def _order_base(standing: Standing) -> int:
    if standing.rules.denominator == "employed":
        return int(standing.employed)
    return int(standing.window is not None)


def _floor_base(standing: Standing) -> int:
    if standing.rules.denominator == "employed" and standing.is_open and standing.ordered:
        # The worst that can happen is that it leaves, and then it is in neither.
        return int(standing.rules.leaver_rule == "counted")
    return _order_base(standing)


def _ordered_for_good(standing: Standing) -> int:
    safe = not standing.is_open or standing.rules.leaver_rule == "counted"
    return int(safe and standing.ordered)


def _trial_base(standing: Standing) -> int:
    if standing.rules.trial_denominator == "entered":
        return 1
    return len(standing.trials)


def _trials_passed(standing: Standing) -> int:
    return sum(trial.passed for trial in standing.newcomer.trials if trial.on <= standing.day)


def _trials_counted(standing: Standing) -> int:
    passed = _trials_passed(standing)
    return min(1, passed) if standing.rules.trial_denominator == "entered" else passed


ENTERED = Measure("entered", lambda s: 1)
WENT_LIVE = Measure("went_live", lambda s: int(s.window is not None))
EMPLOYED = Measure("employed", lambda s: int(s.employed))
ORDERED = Measure("ordered", lambda s: int(s.ordered))
ORDERED_FOR_GOOD = Measure("ordered_for_good", _ordered_for_good)
COULD_ORDER = Measure("could_order", lambda s: int(s.is_open and s.employed and not s.orders))
ORDERED_OR_COULD = Measure("ordered_or_could", lambda s: ORDERED.of(s) + COULD_ORDER.of(s))
ORDER_BASE = Measure("order_base", _order_base)
FLOOR_BASE = Measure("floor_base", _floor_base)
VALID_ORDERS = Measure("valid_orders", lambda s: len(s.orders))
TRIALS_PASSED = Measure("trials_passed", _trials_passed)
TRIALS_JUDGED = Measure("trials_judged", lambda s: len(s.trials) if s.newcomer.trials else 0)
PASSED_A_TRIAL = Measure("passed_a_trial", lambda s: min(1, _trials_passed(s)))
TRIALS_COUNTED = Measure("trials_counted", _trials_counted)
TRIAL_BASE = Measure("trial_base", _trial_base)

BASE = (
    ENTERED,
    WENT_LIVE,
    EMPLOYED,
    ORDERED,
    ORDERED_FOR_GOOD,
    ORDERED_OR_COULD,
    ORDER_BASE,
    FLOOR_BASE,
    VALID_ORDERS,
    TRIALS_PASSED,
    TRIALS_JUDGED,
    PASSED_A_TRIAL,
    TRIALS_COUNTED,
    TRIAL_BASE,
)
"""What the newcomers' figures (figures.py) are made of."""
