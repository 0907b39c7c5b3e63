"""Adding up what each subject of a group counts for, and when the sums are final."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import add
from typing import Self

from msgspec import Struct

from domain.kpi.scheme.versions import effective
from domain.kpi.subject import Term
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


class Tally:
    """The sums of one group while its subjects pass by.

    Its days are date.min until a term has begun; the last day of an open-ended term is date.max.
    """

    __slots__ = ("_begun_on", "_final_on", "_measures", "_sums", "_versions")

    def __init__(self, measures: Sequence[Measure]) -> None:
        self._measures = measures
        self._sums = [0] * len(measures)
        self._final_on = self._begun_on = date.min
        self._versions: set[int] = set()

    def add(self, term: Term | None, marks: Sequence[int]) -> None:
        """Counts one subject. term: None while it has not begun. marks: in the measures' order."""
        self._sums = [*map(add, self._sums, marks)]
        if term is None:
            return
        self._versions.add(term.version)
        self._final_on = max(self._final_on, term.final_on or date.max)
        self._begun_on = max(self._begun_on, term.first_day)

    def merge(self, other: Self) -> None:
        """Counts all that another tally of the same measures has counted."""
        self._sums = [*map(add, self._sums, other._sums)]
        self._versions |= other._versions
        self._final_on = max(self._final_on, other._final_on)
        self._begun_on = max(self._begun_on, other._begun_on)

    def sums(self, windows: Windows) -> Sums:
        """A group in which nothing has begun is shown by the rules of the day."""
        numbers: Iterable[int | None] = self._versions or (None,)
        versions = sorted(map(windows.version, numbers), key=effective)
        return Sums(
            over_until=windows.over_until,
            of={m.slug: total for m, total in zip(self._measures, self._sums, strict=True)},
            final_on=None if self._final_on in (date.min, date.max) else self._final_on,
            begun_on=None if self._begun_on == date.min else self._begun_on,
            versions=tuple(version.number for version in versions),
            rounding=versions[-1].parameters.rounding,
        )
