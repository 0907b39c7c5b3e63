"""Adding up what each subject of a group counts for, and when the sums are final."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from msgspec import Struct

from domain.kpi.evidence import Basis, Grouped
from domain.kpi.group import Keys
from domain.kpi.scheme.versions import effective
from domain.kpi.subject import State, Subject, Term
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.window import Windows


class Sums(Struct, frozen=True, kw_only=True):
    """The sums of one group's measures on the evening of a day.

    over_until: the last day that is over. of: measure slug -> sum. final_on: the latest final day
    of a term, None where none has begun or one is still open-ended. begun_on: the latest first day.
    versions: of the scheme, in the order of effect. rounding: that of the last version.
    """

    over_until: date
    of: Mapping[str, int]
    final_on: date | None
    begun_on: date | None
    versions: tuple[int, ...]
    rounding: str

    def sum(self, measure: Measure) -> int:
        return self.of[measure.slug]

    def settled_on(self, days: int | None) -> date | None:
        """The last day that can change it: the terms', or that many days after they began."""
        if days is None or self.begun_on is None:
            return self.final_on
        return self.begun_on + timedelta(days=days - 1)

    def is_final(self, settled_on: date | None) -> bool:
        """Whether neither the terms nor the days until then can change it any more."""
        if self.final_on is None or settled_on is None:
            return False
        return max(self.final_on, settled_on) <= self.over_until


class Extent(NamedTuple):
    """What a term says of when sums are final. final_on: date.max while it is open-ended."""

    begun_on: date
    final_on: date
    version: int


def extent_of(term: Term | None) -> Extent | None:
    """Of a state's term, where it has begun."""
    return Extent(term.first_day, term.final_on or date.max, term.version) if term else None


class Tally:
    """What subjects of the same groups count for; each measure is added up when it is asked for."""

    __slots__ = ("_sums", "extents", "states")

    def __init__(self, states: Sequence[State]) -> None:
        self.states = states
        self._sums: dict[str, int] = {}
        # Those who went live on one day share a window. All terms are held here, so that no two of
        # them, made as they are asked for, have one id.
        terms = [state.term for state in states]
        self.extents = {extent_of(term) for term in {id(term): term for term in terms}.values()}

    def of(self, measures: Sequence[Measure]) -> list[int]:
        """What its subjects add to each of these measures."""
        known = self._sums
        for one in measures:
            if one.slug not in known:
                known[one.slug] = sum(map(one.of, self.states))
        return [known[one.slug] for one in measures]


def tallies_of(subject: Subject, basis: Basis) -> Grouped[Tally]:
    """The subjects of a basis, those together that belong to the same groups.

    After a change of the evidence they are counted anew where the state of one is another.
    """

    def made() -> Grouped[Tally]:
        states = defaultdict[Keys, list[State]](list)
        for state, keys in subject.of(basis):
            states[keys].append(state)
        counted = basis.evening.counted
        last = counted.get(subject, {})
        found = {keys: _tally(its, last.get(keys)) for keys, its in states.items()}
        if basis.is_of_everybody:
            counted[subject] = found
        return [(tally, keys) for keys, tally in found.items()]

    return basis.once((Tally, subject), made)


def added_up(
    counted: Sequence[tuple[Tally, list[int]]], measures: Sequence[Measure], windows: Windows
) -> Sums:
    """The sums of a group that is made of these, each with what it adds to the measures."""
    nothing = [0] * len(measures)
    totals = map(sum, zip(nothing, *(added for _, added in counted), strict=True))
    extents = set[Extent | None]().union(*(tally.extents for tally, _ in counted))
    return sums_of(list(totals), measures, extents, windows)


def sums_of(
    totals: Iterable[int],
    measures: Sequence[Measure],
    extents: Iterable[Extent | None],
    windows: Windows,
) -> Sums:
    """The sums of a group, and when they are final. One in which nothing has begun is shown by the
    rules of the day."""
    begun = [extent for extent in extents if extent is not None]
    numbers: Iterable[int | None] = {extent.version for extent in begun} or (None,)
    versions = sorted(map(windows.version, numbers), key=effective)
    final_on = max((extent.final_on for extent in begun), default=date.max)
    return Sums(
        over_until=windows.over_until,
        of={measure.slug: total for measure, total in zip(measures, totals, strict=True)},
        final_on=None if final_on == date.max else final_on,
        begun_on=max((extent.begun_on for extent in begun), default=None),
        versions=tuple(version.number for version in versions),
        rounding=versions[-1].parameters.rounding,
    )


def _tally(states: list[State], last: Tally | None) -> Tally:
    return last if last is not None and last.states == states else Tally(states)
