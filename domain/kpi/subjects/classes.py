"""The figures of the classes (入职培训班次) of a group on the evening of a day (S31 to S34).

Only induction classes are answered for here. A class belongs to the month of its planned day, as
last approved; supervisors of newcomers have none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.scheme.versions import Parameters, Scheme, Version, effective
from domain.kpi.subjects.groups import EVERYBODY, Group
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.teaching import ClassFacts, Deviation
from domain.teaching.session import INDUCTION


class ClassStanding:
    """One class, and what the evening of `day` tells of it under the rules of its month.

    on_time, summed_up, deviations: None while the day cannot tell yet.
    """

    __slots__ = ("day", "deviations", "facts", "on_time", "summed_up", "version")

    def __init__(self, facts: ClassFacts, day: date, version: Version) -> None:
        rules = version.parameters
        self.facts = facts
        self.day = day
        self.version = version
        self.on_time: bool | None = facts.opened_on_time(day)
        self.summed_up: bool | None = facts.summary_in_time(day, rules.summary_days)
        self.deviations: tuple[Deviation, ...] | None = facts.deviations(day, rules.moved_days)

    @property
    def is_settled(self) -> bool:
        """Whether nothing that still happens can change what it counts for."""
        if not self.facts.is_due(self.day):
            return self.facts.cancelling is not None
        return self.summed_up is not None and self.deviations is not None


class ClassFigures(Struct, frozen=True, kw_only=True):
    """What was counted of the classes; see NewcomerFigures. is_final: nothing is awaited."""

    happened_by: date
    counts: Mapping[str, int]
    is_final: bool
    final_on: date | None
    versions: tuple[int, ...]
    rounding: str

    def settled_on(self, days: int | None) -> date | None:
        """The day up to which it is final; None where something is awaited."""
        return self.final_on


def class_standings(
    classes: Iterable[ClassFacts],
    happened_by: date,
    scheme: Scheme | Parameters,
    group: Group = EVERYBODY,
) -> list[ClassStanding]:
    """The induction classes of a group."""
    rules = Scheme.always(scheme) if isinstance(scheme, Parameters) else scheme
    found = []
    for facts in classes:
        month = Month.of(facts.plan_on(happened_by).planned_on)
        if facts.kind == INDUCTION and _is_in(facts, month, group):
            found.append(ClassStanding(facts, happened_by, rules.in_force(month)))
    return found


def class_figures(
    standings: Sequence[ClassStanding],
    happened_by: date,
    scheme: Scheme | Parameters,
    measures: Sequence[Measure],
) -> ClassFigures:
    """The sums of what each class adds."""
    rules = Scheme.always(scheme) if isinstance(scheme, Parameters) else scheme
    versions = {standing.version.number: standing.version for standing in standings}
    if not versions:
        now = rules.in_force(Month.of(happened_by))
        versions = {now.number: now}
    in_order = sorted(versions.values(), key=effective)
    is_final = bool(standings) and all(standing.is_settled for standing in standings)
    return ClassFigures(
        happened_by=happened_by,
        counts={m.slug: sum(m.of(standing) for standing in standings) for m in measures},
        is_final=is_final,
        final_on=happened_by if is_final else None,
        versions=tuple(version.number for version in in_order),
        rounding=in_order[-1].parameters.rounding,
    )


def _is_in(facts: ClassFacts, month: Month, group: Group) -> bool:
    if group.manager is not None or group.month not in (None, month):
        return False
    if group.cohort is not None and facts.cohort_code != group.cohort:
        return False
    return group.cohorts is None or facts.cohort_code in group.cohorts
