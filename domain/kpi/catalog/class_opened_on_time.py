"""Classes opened on time (按时开班率): on the planned day or earlier, of the classes due (S31)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.classes import CLASSES, ClassState
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import events_of


def _rule(state: ClassState) -> Rule:
    return "opened_late" if state.facts.opened_by(state.day) else "not_opened"


def _events(state: ClassState) -> Iterable[int]:
    facts = state.facts
    opening = facts.opened_by(state.day)
    return events_of(facts.plan, *facts.changes, *((opening,) if opening else ()))


CLASS_OPENED_ON_TIME = Kpi(
    slug="class_opened_on_time",
    source=("S31",),
    subject=CLASSES,
    numerator=Measure("classes_opened_on_time", lambda s: int(s.on_time is True)),
    denominator=Measure("classes_due", lambda s: int(s.on_time is not None)),
    unit="percent",
    direction="higher_is_better",
    rule=_rule,
    events=_events,
    example=Example(Ratio(2, 3), "66.6%"),
)
