"""Classes (入职培训班次) as a subject of KPIs (S31 to S34).

Only induction classes are answered for here. A class belongs to the month of its planned day, as
last approved; supervisors of newcomers have none.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, Evening, Evidence
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


def _induction(evidence: Evidence) -> list[ClassFacts]:
    return [facts for facts in evidence.classes if facts.kind == INDUCTION]


def _on(facts: ClassFacts, evening: Evening) -> tuple[ClassState, Keys]:
    day, code = evening.day, facts.cohort_code
    planned_on = facts.plan_on(day).planned_on
    month = Month.of(planned_on)
    training_manager = evening.training_managers.of(code, min(day, planned_on))
    keys = Keys(month, code, None, training_manager, plan=code)
    return ClassState(facts, day, evening.windows.in_force(month)), keys


def _turns(basis: Basis, *_: object) -> Callable[[ClassFacts], Iterator[date]]:
    """The days of the facts and of who answers for the batch; and when a plan is missed for good,
    or the summary."""
    evidence, windows = basis.evidence, basis.windows

    def turns(facts: ClassFacts) -> Iterator[date]:
        told = (facts.opening, facts.closing, facts.summary, facts.cancelling)
        yield from (fact.on for fact in told if fact)
        yield from (one.on for one in evidence.handovers.get(facts.cohort_code, ()))
        for plan in (facts.plan, *facts.changes):
            rules = windows.in_force(Month.of(plan.planned_on)).parameters
            yield from filter(None, (plan.planned_on, plan.approved_on))
            yield plan.planned_on + timedelta(days=rules.moved_days + 1)
            if facts.closing:
                yield facts.closing.on + timedelta(days=rules.summary_days)

    return turns


CLASSES = Subject("classes", _induction, _on, _turns)
