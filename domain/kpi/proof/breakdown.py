"""A figure broken down: what each newcomer, class or other subject adds to it, and why not more.

The contributions add up to the figure, its floor and its ceiling.
"""

from collections.abc import Iterable
from typing import Generic

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.evaluation import states_of
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.kpi.rule import Rule
from domain.kpi.subject import OfSubject, S, State


class Contribution(OfSubject[S], Generic[S], frozen=True):
    """The part of one subject in a KPI.

    rule: why it is in the denominator and does not count, or not as much as it could. floor,
    ceiling: its part in each, as numerator and denominator. positions: the events behind it, in the
    order of the log; where nothing happened that counts, those that made the subject be there.
    """

    numerator: int
    denominator: int
    floor: Ratio | None
    ceiling: Ratio | None
    rule: Rule | None
    positions: tuple[int, ...]

    @property
    def is_counted(self) -> bool:
        """Whether it adds something, be it less than it could, or has nothing against it."""
        return self.rule is None or self.numerator > 0

    @property
    def is_nothing(self) -> bool:
        """Whether the subject is in no numerator and no denominator."""
        parts = (Ratio(self.numerator, self.denominator), self.floor, self.ceiling)
        return not any(part and (part.numerator or part.denominator) for part in parts)


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
    return breakdown_of(kpi, states_of(kpi, basis))


def breakdown_of(kpi: Kpi, states: Iterable[State]) -> Breakdown:
    """The breakdown of a figure over subjects whose states are given."""
    if not kpi.has_source:
        return Breakdown(kpi, (), ())
    lines = [contribution(kpi, state) for state in states]
    lines = [line for line in lines if kpi.denominator is None or not line.is_nothing]
    lines.sort(key=lambda line: line.label)
    return Breakdown(
        kpi,
        tuple(line for line in lines if line.is_counted),
        tuple(line for line in lines if not line.is_counted),
    )


def contribution(kpi: Kpi, state: S) -> Contribution[S]:
    """The part of one subject in a KPI that has a source."""
    numerator, denominator = kpi.share(state)
    counts = numerator > 0 and (kpi.unit != "percent" or numerator >= denominator)
    return Contribution(
        state=state,
        numerator=numerator,
        denominator=denominator,
        floor=kpi.bound(kpi.floor, lambda measure: measure.of(state)),
        ceiling=kpi.bound(kpi.ceiling, lambda measure: measure.of(state)),
        rule=None if counts else kpi.rule(state),
        positions=tuple(sorted(set(kpi.events(state)))) or state.origin_events,
    )
