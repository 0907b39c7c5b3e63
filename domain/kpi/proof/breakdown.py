"""A figure broken down: what each newcomer, class or other subject adds to it, and why not more.

The contributions add up to the figure, its floor and its ceiling.
"""

from typing import Generic

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.evaluation import states_of
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Bound, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subject import OfSubject, S, State


class Contribution(OfSubject[S], Generic[S], frozen=True):
    """The part of one subject in a KPI that has a source."""

    kpi: Kpi
    numerator: int
    denominator: int

    @property
    def rule(self) -> Rule | None:
        """Why it is in the denominator and does not count, or not as much as it could."""
        is_full = self.kpi.unit != "percent" or self.numerator >= self.denominator
        return None if self.numerator > 0 and is_full else self.kpi.rule(self.state)

    @property
    def floor(self) -> Ratio | None:
        """Its part in the KPI's floor."""
        return self._in(self.kpi.floor)

    @property
    def ceiling(self) -> Ratio | None:
        """Its part in the KPI's ceiling."""
        return self._in(self.kpi.ceiling)

    @property
    def positions(self) -> tuple[int, ...]:
        """The places in the log of the events behind it; where nothing happened that counts, of
        those that made the subject be there. With what was withdrawn of the kind."""
        events = set(self.kpi.events(self.state)) or {*self.state.origin_events}
        return tuple(sorted({*events, *self.kpi.withdrawn(self.state)}))

    @property
    def is_counted(self) -> bool:
        """Whether it adds something, be it less than it could, or has nothing against it."""
        return self.numerator > 0 or self.rule is None

    @property
    def is_nothing(self) -> bool:
        """Whether the subject is in no numerator and no denominator, of a bound neither."""
        if self.numerator or self.denominator:
            return False
        bounds = (self.floor, self.ceiling)
        return not any(one and (one.numerator or one.denominator) for one in bounds)

    def _in(self, bound: Bound | None) -> Ratio | None:
        return self.kpi.bound(bound, lambda measure: measure.of(self.state))


class Breakdown(Struct, frozen=True):
    """The contributions to one KPI; those that count first, each part in the order of labels."""

    kpi: Kpi
    counted: tuple[Contribution[State], ...]
    not_counted: tuple[Contribution[State], ...]

    @property
    def lines(self) -> tuple[Contribution[State], ...]:
        return self.counted + self.not_counted

    @property
    def positions(self) -> list[int]:
        return sorted({place for line in self.lines for place in line.positions})


def break_down(kpi: Kpi, basis: Basis) -> Breakdown:
    """The breakdown of the figure that `evaluate` gives for the same arguments."""
    counted, not_counted = list[Contribution[State]](), list[Contribution[State]]()
    for line in sorted(contributions(kpi, basis), key=lambda line: line.label):
        (counted if line.is_counted else not_counted).append(line)
    return Breakdown(kpi, tuple(counted), tuple(not_counted))


def contributions(kpi: Kpi, basis: Basis) -> list[Contribution[State]]:
    """What each subject adds to the figure, in no order, of those that it is about."""
    if not kpi.has_source:
        return []
    lines = [Contribution(state, kpi, *kpi.share(state)) for state in states_of(kpi, basis)]
    return lines if kpi.denominator is None else [line for line in lines if not line.is_nothing]
