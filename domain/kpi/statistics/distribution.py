"""How a whole number of days is spread over people: counts, mean, quantiles; nothing estimated."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.evaluation import states_of
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi


class Distribution(Struct, frozen=True):
    """People by number of days, in rising order of the days."""

    counts: dict[int, int]

    @property
    def people(self) -> int:
        return sum(self.counts.values())

    @property
    def buckets(self) -> Sequence[tuple[int, int]]:
        """Each number of days, and how many people."""
        return tuple(self.counts.items())

    def quantile(self, share: Ratio) -> int | None:
        """The fewest days that at least the share of the people do not exceed; None for no people.

        share: above 0, at most 1. It is always a number of days that occurred: the inverse of the
        empirical distribution function, definition 1 of Hyndman & Fan, "Sample quantiles in
        statistical packages", The American Statistician 50 (1996).
        """
        people, so_far = self.people, 0
        for days, count in self.counts.items():
            so_far += count
            if so_far * share.denominator >= people * share.numerator:
                return days
        return None


def distribution_of(kpi: Kpi, basis: Basis) -> Distribution:
    """The distribution behind a figure; of nobody where it has none."""
    found = map(kpi.values, states_of(kpi, basis)) if kpi.values else ()
    return distribution(chain.from_iterable(found))


def distribution(days: Iterable[int]) -> Distribution:
    """One number of days per person."""
    return Distribution(dict(sorted(Counter(days).items())))
