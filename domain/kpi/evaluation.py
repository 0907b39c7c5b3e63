"""Every figure of the catalog for a group, whatever it counts.

Doors, reports, the scorecard, drafts of a scheme and the series all ask here. Each subject is gone
over once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis
from domain.kpi.group import BYS, WHOLE, By, Keys, Way
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.subject import State, Subject
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.tally import Tally

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
    counted = {
        subject: _tallied(its, subject.of(basis), ways) for subject, its in by_subject.items()
    }
    found: dict[Way, dict[str, Evaluated]] = {}
    for way in ways:
        keys: Iterable[Any] = counted[NEWCOMERS][way]
        if way == "all":
            keys = (WHOLE,)
        elif way == "training_manager":
            keys = basis.training_managers.now.union(*(its[way] for its in counted.values()))
        found[way] = {}
        for key in sorted(keys):
            sums = {of: its[way][key].sums(basis.windows) for of, its in counted.items()}
            found[way][str(key)] = Evaluated(
                {kpi.slug: kpi.figure(sums[kpi.subject]) for kpi in kpis},
                sums[NEWCOMERS].versions,
                sums[NEWCOMERS].rounding,
            )
    return found


def states_of(kpi: Kpi, basis: Basis) -> list[State]:
    """Everything in a group that the KPI is about, as it was on the evening of a day."""
    return [state for state, _ in kpi.subject.of(basis)]


def _tallied(
    kpis: Sequence[Kpi], states: Iterable[tuple[State, Keys]], ways: Sequence[Way]
) -> dict[Way, defaultdict[Any, Tally]]:
    """Way -> key -> the tally of one subject's states, of every measure of its KPIs.

    Each state is added once, to those of the same groups; theirs are then put together way by way.
    """
    measures = {measure.slug: measure for kpi in kpis for measure in kpi.measures}
    new_tally = partial(Tally, tuple(measures.values()))
    wanted = [measure.of for measure in measures.values()]
    finest: defaultdict[Keys, Tally] = defaultdict(new_tally)
    for state, keys in states:
        finest[keys].add(state.term, [of(state) for of in wanted])
    found: dict[Way, defaultdict[Any, Tally]] = {way: defaultdict(new_tally) for way in ways}
    for way, tallies in found.items():
        for keys, tally in finest.items():
            key = WHOLE if way == "all" else getattr(keys, way)
            if key is not None:
                tallies[key].merge(tally)
    return found
