"""Classes (入职培训班次) as a subject of KPIs (S31 to S34).

Only induction classes are answered for here. A class belongs to the month of its planned day, as
last approved; supervisors of newcomers have none.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis
from domain.kpi.group import Keys
from domain.kpi.scheme.versions import Version
from domain.kpi.subject import Span, Subject
from domain.kpi.subjects.newcomer_state import events_of
from domain.kpi.subjects.teaching import ClassFacts, Deviation, known_by
from domain.teaching.session import INDUCTION


class ClassState(Struct):
    """One class on the evening of `day`, judged by the rules of its month.

    on_time, summed_up, deviations: None while the day cannot tell yet.
    """

    facts: ClassFacts
    day: date
    version: Version
    on_time: bool | None = None
    summed_up: bool | None = None
    deviations: tuple[Deviation, ...] | None = None
    trainee_id: None = None

    def __post_init__(self) -> None:
        facts, day, rules = self.facts, self.day, self.version.parameters
        self.on_time = facts.opened_on_time(day)
        self.summed_up = facts.summary_in_time(day, rules.summary_days)
        self.deviations = facts.deviations(day, rules.moved_days)

    @property
    def subject_id(self) -> str:
        return self.facts.session_id

    @property
    def label(self) -> str:
        return self.facts.code

    @property
    def cohort_code(self) -> str:
        return self.facts.cohort_code

    @property
    def term(self) -> Span:
        planned_on = self.facts.plan_on(self.day).planned_on
        return Span(planned_on, self.settled_on, self.version.number)

    @property
    def origin_events(self) -> tuple[int, ...]:
        return tuple(events_of(self.facts.plan))

    @property
    def settled_on(self) -> date | None:
        """The last day that could change what it counts for; None while something is awaited."""
        facts, day = self.facts, self.day
        if not facts.is_due(day):
            return facts.cancelling.on if facts.cancelling else None
        closing = known_by(day, facts.closing)
        if closing is None or self.summed_up is None or self.deviations is None:
            return None
        summary = known_by(day, facts.summary)
        due_on = closing.on + timedelta(days=self.version.parameters.summary_days)
        return max(closing.on, summary.on if summary else due_on)


def states(basis: Basis) -> Iterator[tuple[ClassState, Keys]]:
    """The induction classes of a group."""
    day, managers = basis.day, basis.training_managers
    for facts in basis.evidence.classes:
        if facts.kind != INDUCTION:
            continue
        planned_on, code = facts.plan_on(day).planned_on, facts.cohort_code
        month = Month.of(planned_on)
        keys = Keys(month, code, None, managers.of(code, min(day, planned_on)))
        if basis.group.contains(keys):
            yield ClassState(facts, day, basis.windows.in_force(month)), keys


CLASSES = Subject("classes", states)
