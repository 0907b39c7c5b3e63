"""Plan kept (按计划实施率): classes without a major deviation, of those judged (S34)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.classes import CLASSES, ClassState
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import events_of


def _rule(state: ClassState) -> Rule | None:
    return state.deviations[0] if state.deviations else None


def _events(state: ClassState) -> Iterable[int]:
    facts, day = state.facts, state.day
    known = (facts.opened_by(day), facts.closed_by(day))
    return events_of(facts.plan, *facts.changes, *(fact for fact in known if fact))


PLAN_KEPT = Kpi(
    slug="plan_kept",
    source=("S34",),
    subject=CLASSES,
    numerator=Measure("classes_as_planned", lambda s: int(s.deviations == ())),
    denominator=Measure("classes_judged", lambda s: int(s.deviations is not None)),
    unit="percent",
    direction="higher_is_better",
    rule=_rule,
    events=_events,
    example=Example(Ratio(2, 3), "66.6%"),
)
