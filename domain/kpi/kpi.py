"""The declaration of a KPI; all are made in `catalog/`.

A KPI is a formula over measures of one kind of subject. Its figure is a fraction of two counts, or
a count alone; it opens to one line per subject, and the lines add up to it.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.rounding import Unit
from domain.kpi.rule import Rule
from domain.kpi.subject import Subject
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.tally import Sums

POINT_PARTS = 100
"""Points are added up in hundredths; what is finer than that is cut off."""


class KpiFigure(Struct, frozen=True):
    """The exact figure of a KPI (by slug), and what may still become of it.

    floor, ceiling: None where nothing bounds it. final_on: the day from which it is final, None
    where nothing says so. has_source: False where nobody records its events yet: no figure, which
    is neither 0 nor met.
    """

    slug: str
    ratio: Ratio
    floor: Ratio | None
    ceiling: Ratio | None
    is_final: bool
    final_on: date | None
    has_source: bool = True

    @property
    def bounds(self) -> tuple[Ratio, Ratio] | None:
        """The floor and the ceiling between which it may still move; None where it no longer may,
        or where not both are known."""
        if self.is_final or self.final_on is None or self.floor is None or self.ceiling is None:
            return None
        return self.floor, self.ceiling


class Bound(Struct, frozen=True):
    """A floor or ceiling: what its numerator is made of, over the denominator or its own."""

    numerator: Measure
    denominator: Measure | None = None


class Kpi(Struct, frozen=True, kw_only=True):
    """One figure.

    slug: stored and in addresses, never reused. source: the S-numbers it comes from. subject: what
    it counts. numerator, denominator: None for the denominator of a plain count, for both where
    nobody records yet what it counts. direction: where better lies. population: which newcomers it
    is about. floor, ceiling: what it cannot fall under or rise over by what still happens in time.
    days: after how many days it is settled, the go-live being day 1; None for the window's. rule:
    why a subject that is in the denominator does not count. events: the places in the log of what
    is behind a subject's line; withdrawn: of what withdrew such facts. facts: which of the
    newcomers' facts people see beside its lines. values: what a distribution is made of, beside the
    figure. is_headline: shown at a glance. version: 1, and one more whenever it counts otherwise,
    so that its stored series is made anew.
    """

    slug: str
    source: tuple[str, ...]
    subject: Subject = NEWCOMERS
    numerator: Measure | None = None
    denominator: Measure | None = None
    unit: Unit = "percent"
    direction: Literal["higher_is_better", "lower_is_better", "none"] = "higher_is_better"
    population: (
        Literal["entered", "went_live", "employed", "trials_judged", "examined", "ordered"] | None
    ) = None
    floor: Bound | None = None
    ceiling: Bound | None = None
    days: int | None = None
    rule: Callable[[Any], Rule | None] = lambda _: None
    events: Callable[[Any], Iterable[int]] = lambda _: ()
    withdrawn: Callable[[Any], Iterable[int]] = lambda _: ()
    facts: Literal["orders", "trials"] | None = None
    values: Callable[[Any], Iterable[int]] | None = None
    is_headline: bool = False
    version: int = 1

    @property
    def series(self) -> str:
        """The name of its stored series, which carries the version."""
        return f"{self.slug}_v{self.version}"

    @property
    def has_source(self) -> bool:
        """Whether the events that it counts are recorded at all."""
        return self.numerator is not None

    @property
    def parts(self) -> int:
        """How many in its numerator and in its denominator are one of what people count."""
        return POINT_PARTS if self.unit == "points" else 1

    @property
    def counted(self) -> str:
        """What the denominator counts: newcomers of the population, or the subject."""
        return self.population or self.subject.slug

    @property
    def shows_fraction(self) -> bool:
        """Whether its exact fraction stands beside what is shown: where it is one of people or
        orders, and not of classes, months, days or points."""
        is_share = self.denominator is not None and self.unit in ("percent", "per_person")
        return is_share and self.subject == NEWCOMERS

    @property
    def has_bounds(self) -> bool:
        return self.floor is not None and self.ceiling is not None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Everything that must be counted for it."""
        bounds = [bound for bound in (self.floor, self.ceiling) if bound]
        pairs = [
            (self.numerator, self.denominator),
            *((b.numerator, b.denominator) for b in bounds),
        ]
        return tuple(measure for pair in pairs for measure in pair if measure)

    @property
    def name_id(self) -> str:
        """The message id of its name."""
        return f"kpi.{self.slug}.name"

    @property
    def meaning_id(self) -> str:
        """The message id of the sentence that says what is counted."""
        return f"kpi.{self.slug}.meaning"

    @property
    def formula_id(self) -> str:
        """The message id of the formula in words."""
        return f"kpi.{self.slug}.formula"

    def share(self, state: Any) -> tuple[int, int]:
        """The part of one subject in the numerator and in the denominator."""
        return (
            self.numerator.of(state) if self.numerator else 0,
            self.denominator.of(state) if self.denominator else 0,
        )

    def figure(self, sums: Sums) -> KpiFigure:
        """The exact figure with all that is known of how it may still change.

        A plain count is over 1, and what has no source is undefined.
        """
        final_on = sums.settled_on(self.days)
        numerator, over = self.numerator, self.denominator
        return KpiFigure(
            slug=self.slug,
            ratio=_ratio(numerator, over, sums.sum) if numerator else Ratio(0, 0),
            floor=self.bound(self.floor, sums.sum),
            ceiling=self.bound(self.ceiling, sums.sum),
            is_final=sums.is_final(final_on),
            final_on=final_on,
            has_source=self.has_source,
        )

    def bound(self, bound: Bound | None, count: Callable[[Measure], int]) -> Ratio | None:
        """Its floor or ceiling, by what measures come to."""
        if bound is None:
            return None
        return _ratio(bound.numerator, bound.denominator or self.denominator, count)


def _ratio(numerator: Measure, over: Measure | None, count: Callable[[Measure], int]) -> Ratio:
    return Ratio(count(numerator), count(over) if over else 1)
