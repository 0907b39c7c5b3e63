"""Two moments side by side: other days, other knowledge or another scheme, and who made the change.

A figure's lines add up to it, so those of the lines that differ add up to its difference.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated, evaluate
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.kpi.proof.breakdown import Contribution, contributions
from domain.kpi.scheme.scorecard import Scorecard, scorecard
from domain.kpi.subject import OfSubject, State


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


def compare(kpis: Sequence[Kpi], before: Basis, after: Basis) -> Comparison:
    """Compares two sides; the contributions in `moved` add up to after minus before."""
    return Comparison(
        before=evaluate(kpis, before),
        after=evaluate(kpis, after),
        moved={kpi.slug: moved_by(kpi, before, after) for kpi in kpis},
    )


def moved_by(kpi: Kpi, before: Basis, after: Basis) -> tuple[Moved, ...]:
    """The subjects that moved one figure."""
    return moved(contributions(kpi, before), contributions(kpi, after))


def moved(
    before: Iterable[Contribution[State]], after: Iterable[Contribution[State]]
) -> tuple[Moved, ...]:
    """The subjects whose contribution or rule differs, in the order of their labels."""
    was = {line.subject_id: line for line in before}
    now = {line.subject_id: line for line in after}
    found = [
        Moved(line.state, was.get(subject), now.get(subject))
        for subject, line in (was | now).items()
        if _part(was.get(subject)) != _part(now.get(subject))
    ]
    return tuple(sorted(found, key=lambda one: (one.label, one.subject_id)))


def scored(basis: Basis) -> Scorecard:
    """The group's figures judged by the lines of the version in force."""
    lines = basis.version.lines
    judged = {slug for line in lines for slug in line.kpis}
    chosen = [kpi for kpi in CATALOG if kpi.slug in judged]
    return scorecard(lines, evaluate(chosen, basis).figures)


def _part(line: Contribution[State] | None) -> tuple[int, int, str | None] | None:
    return (line.numerator, line.denominator, line.rule) if line else None
