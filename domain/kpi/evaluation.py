"""Every figure of the catalog for a group, whatever it counts.

Doors, reports, the scorecard, drafts of a scheme and the series all ask here. Each subject is gone
over once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, Grouped
from domain.kpi.group import BYS, WHOLE, By, Way
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.subject import State, Subject
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.sweep import sweep
from domain.kpi.tally import Sums, added_up, tallies_of

V = TypeVar("V")

RULES_VERSION = 3
"""One more whenever many figures count otherwise at once: all stored series are made anew."""


class Evaluated(Struct, frozen=True):
    """The figures of one group by slug.

    versions: of the scheme, those that scored its newcomers. rounding: how figures are shown.
    """

    figures: dict[str, KpiFigure]
    versions: tuple[int, ...]
    rounding: str

    def __getitem__(self, slug: str) -> KpiFigure:
        return self.figures[slug]

    def provisional(self, slugs: Iterable[str], month: Month, today: date) -> tuple[str, ...]:
        """Which of a month's figures may still change, asked today: all of them until the month is
        over."""
        return tuple(
            slug
            for slug in slugs
            if not month.is_over_on(today)
            or (self[slug].ratio.denominator and not self[slug].is_final)
        )


def evaluate(kpis: Sequence[Kpi], basis: Basis) -> Evaluated:
    """The figures of one group on the evening of a day."""
    return evaluate_ways(("all",), kpis, basis)["all"][WHOLE]


def evaluate_by(by: By, kpis: Sequence[Kpi], basis: Basis) -> dict[str, Evaluated]:
    """The figures of every group within a group; each equals `evaluate` of that group."""
    return evaluate_ways((by,), kpis, basis)[by]


def evaluate_every_way(kpis: Sequence[Kpi], basis: Basis) -> dict[Way, dict[str, Evaluated]]:
    """A group's figures, and those of every group within it."""
    return evaluate_ways(("all", *BYS), kpis, basis)


def evaluate_ways(
    ways: Sequence[Way], kpis: Sequence[Kpi], basis: Basis
) -> dict[Way, dict[str, Evaluated]]:
    """Way -> key -> figures; months as YYYY-MM, codes and people's ids, in their order.

    The groups are those in which there are newcomers; of training managers also those who have
    classes, and all who answer for a batch on the day, where figures are of everybody.
    """
    measures = _measures_by_subject(kpis)
    counted = {
        subject: [((tally, tally.of(its)), keys) for tally, keys in tallies_of(subject, basis)]
        for subject, its in measures.items()
    }
    found: dict[Way, dict[str, Evaluated]] = {}
    for way in ways:
        grouped = {subject: _grouped(way, its) for subject, its in counted.items()}
        keys: Iterable[Any] = grouped[NEWCOMERS]
        if way == "all":
            keys = (WHOLE,)
        elif way == "training_manager":
            answering = basis.evening.training_managers.now if basis.within is None else set[str]()
            keys = answering.union(*grouped.values())
        found[way] = {}
        for key in sorted(keys):
            sums = {
                subject: added_up(its.get(key, ()), measures[subject], basis.windows)
                for subject, its in grouped.items()
            }
            found[way][str(key)] = _evaluated(kpis, sums)
    return found


def evaluate_days(kpis: Sequence[Kpi], basis: Basis, since: date) -> dict[date, Evaluated]:
    """The figures of a group on every evening from a day to the basis's; each equals `evaluate` of
    that evening."""
    evenings = basis.evenings(since)
    after = {kpi.days for kpi in kpis if kpi.days}
    swept = [
        [(subject, sums) for sums in sweep(subject, measures, basis, evenings, after)]
        for subject, measures in _measures_by_subject(kpis).items()
    ]
    return {
        evening.day: _evaluated(kpis, dict(sums))
        for evening, sums in zip(evenings, zip(*swept, strict=True), strict=True)
    }


def states_of(kpi: Kpi, basis: Basis) -> list[State]:
    """Everything in a group that the KPI is about, as it was on the evening of a day."""
    return [state for state, _ in kpi.subject.of(basis)]


def _measures_by_subject(kpis: Iterable[Kpi]) -> dict[Subject, Sequence[Measure]]:
    """Everything that must be counted for them, each once; of newcomers in any case, whose scheme
    says how figures are shown."""
    found: dict[Subject, dict[str, Measure]] = {NEWCOMERS: {}}
    for kpi in kpis:
        its = found.setdefault(kpi.subject, {})
        its |= {measure.slug: measure for measure in kpi.measures}
    return {subject: tuple(its.values()) for subject, its in found.items()}


def _evaluated(kpis: Iterable[Kpi], sums: Mapping[Subject, Sums]) -> Evaluated:
    return Evaluated(
        {kpi.slug: kpi.figure(sums[kpi.subject]) for kpi in kpis},
        sums[NEWCOMERS].versions,
        sums[NEWCOMERS].rounding,
    )


def _grouped(way: Way, placed: Grouped[V]) -> dict[Any, list[V]]:
    """What belongs to groups, by those of one way of grouping."""
    found: dict[Any, list[V]] = {}
    for one, keys in placed:
        key = WHOLE if way == "all" else getattr(keys, way)
        if key is not None:
            found.setdefault(key, []).append(one)
    return found
