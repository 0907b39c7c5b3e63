"""Every figure of the catalog for a group, whatever it counts.

Doors, reports, the scorecard, drafts of a scheme and the series all ask here. Each subject is gone
over once.
"""

from collections.abc import Iterable, Sequence
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
from domain.kpi.tally import added_up, tallies_of

V = TypeVar("V")

RULES_VERSION = 2
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
    """Way -> key -> figures; months as YYYY-MM, codes and names, in their order.

    The groups are those in which there are newcomers; of training managers also those who have
    classes, and all who answer for a batch on the day.
    """
    by_subject: dict[Subject, list[Kpi]] = {NEWCOMERS: []}
    for kpi in kpis:
        by_subject.setdefault(kpi.subject, []).append(kpi)
    measures = {subject: _measures(its) for subject, its in by_subject.items()}
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
            keys = basis.training_managers.now.union(*grouped.values())
        found[way] = {}
        for key in sorted(keys):
            sums = {
                subject: added_up(its.get(key, ()), measures[subject], basis.windows)
                for subject, its in grouped.items()
            }
            found[way][str(key)] = Evaluated(
                {kpi.slug: kpi.figure(sums[kpi.subject]) for kpi in kpis},
                sums[NEWCOMERS].versions,
                sums[NEWCOMERS].rounding,
            )
    return found


def states_of(kpi: Kpi, basis: Basis) -> list[State]:
    """Everything in a group that the KPI is about, as it was on the evening of a day."""
    return [state for state, _ in kpi.subject.of(basis)]


def _measures(kpis: Iterable[Kpi]) -> Sequence[Measure]:
    """Everything that must be counted for them, each once."""
    return tuple({measure.slug: measure for kpi in kpis for measure in kpi.measures}.values())


def _grouped(way: Way, placed: Grouped[V]) -> dict[Any, list[V]]:
    """What belongs to groups, by those of one way of grouping."""
    found: dict[Any, list[V]] = {}
    for one, keys in placed:
        key = WHOLE if way == "all" else getattr(keys, way)
        if key is not None:
            found.setdefault(key, []).append(one)
    return found
