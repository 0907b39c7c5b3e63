"""Two moments side by side: other days, other knowledge or another scheme, and who made the change.

A figure's lines add up to it, so those of the lines that differ add up to its difference.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated, evaluate
from domain.kpi.evidence import Evidence
from domain.kpi.group import EVERYBODY, Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.breakdown import Breakdown, Contribution, breakdown_of
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.scorecard import Scorecard, scorecard
from domain.kpi.scheme.versions import Version
from domain.kpi.subject import OfSubject, State, Subject


class ComparedState(Struct, frozen=True):
    """One side of a comparison: a group on the evening of a day, by its evidence and scheme."""

    evidence: Evidence
    day: date
    group: Group = EVERYBODY

    @property
    def version(self) -> Version:
        """The scheme's version in force in the group's month, or else on the day."""
        return self.evidence.scheme.in_force(self.group.month or Month.of(self.day))

    def under(self, draft: Draft) -> "ComparedState":
        """The side as it would be if the draft were in force."""
        drafted = replace(self.evidence, scheme=draft.over(self.evidence.scheme))
        return replace(self, evidence=drafted)


class Moved(OfSubject[State], frozen=True):
    """A subject whose contribution differs between two sides; None where it has none.

    state: the later one where it has two.
    """

    before: Contribution[State] | None
    after: Contribution[State] | None

    @property
    def numerator(self) -> int:
        """The change of the figure's numerator."""
        was, now = self.before, self.after
        return (now.numerator if now else 0) - (was.numerator if was else 0)

    @property
    def denominator(self) -> int:
        """The change of the figure's denominator; 0 for a plain count."""
        was, now = self.before, self.after
        return (now.denominator if now else 0) - (was.denominator if was else 0)


class Comparison(Struct, frozen=True):
    """The figures of both sides, and by KPI slug the subjects that moved them."""

    before: Evaluated
    after: Evaluated
    moved: Mapping[str, tuple[Moved, ...]]


def compare(kpis: Sequence[Kpi], before: ComparedState, after: ComparedState) -> Comparison:
    """Compares two sides; the contributions in `moved` add up to after minus before."""
    was, now = _broken_down(kpis, before), _broken_down(kpis, after)
    return Comparison(
        before=evaluate(kpis, before.evidence, before.day, before.group),
        after=evaluate(kpis, after.evidence, after.day, after.group),
        moved={kpi.slug: moved(was[kpi.slug], now[kpi.slug]) for kpi in kpis},
    )


def moved(before: Breakdown, after: Breakdown) -> tuple[Moved, ...]:
    """The subjects whose contribution or rule differs, in the order of their labels."""
    was = {line.subject_id: line for line in before.lines}
    now = {line.subject_id: line for line in after.lines}
    found = [
        Moved(line.state, was.get(subject), now.get(subject))
        for subject, line in (was | now).items()
        if _part(was.get(subject)) != _part(now.get(subject))
    ]
    return tuple(sorted(found, key=lambda one: (one.label, one.subject_id)))


def scored(moment: ComparedState) -> Scorecard:
    """The group's figures judged by the lines of the moment's version."""
    lines = moment.version.lines
    judged = {slug for line in lines for slug in line.kpis}
    chosen = [kpi for kpi in CATALOG if kpi.slug in judged]
    return scorecard(lines, evaluate(chosen, moment.evidence, moment.day, moment.group).figures)


def _broken_down(kpis: Sequence[Kpi], moment: ComparedState) -> dict[str, Breakdown]:
    """The states are the same for all KPIs of one subject."""
    windows = moment.evidence.windows(moment.day)
    states: dict[Subject, list[State]] = {}
    for kpi in kpis:
        if kpi.subject not in states:
            found = kpi.subject.states(moment.evidence, windows, moment.group)
            states[kpi.subject] = [state for state, _ in found]
    return {kpi.slug: breakdown_of(kpi, states[kpi.subject]) for kpi in kpis}


def _part(line: Contribution[State] | None) -> tuple[int, int, str | None] | None:
    return (line.numerator, line.denominator, line.rule) if line else None
