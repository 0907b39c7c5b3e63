"""What a KPI says of itself; each one is declared in one file of `catalog/`."""

from typing import Literal

from msgspec import Struct

from domain.kpi.figures import NewcomerFigures
from domain.kpi.rounding import Unit, shown
from domain.values import Ratio


class Example(Struct, frozen=True):
    """What the source's batch (example.py) must give."""

    ratio: Ratio
    shown: str


class Kpi(Struct, frozen=True, kw_only=True):
    """A formula over two counts of NewcomerFigures.

    slug: stored and in addresses, never reused. source: the S-numbers it comes from. numerator,
    denominator: fields of NewcomerFigures. direction: where better lies. population: whose figure
    it is. has_bounds: whether floor and ceiling of the figures bound it.
    """

    slug: str
    source: tuple[str, ...]
    numerator: str
    denominator: str
    unit: Unit
    direction: Literal["higher_is_better", "lower_is_better"]
    population: Literal["entered", "went_live", "employed", "trials_judged"]
    has_bounds: bool
    example: Example

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

    def of(self, figures: NewcomerFigures) -> Ratio:
        """The exact figure."""
        return Ratio(getattr(figures, self.numerator), getattr(figures, self.denominator))

    def shown(self, figures: NewcomerFigures) -> str | None:
        """As people read it, rounded as the group's scheme says; None when undefined."""
        return shown(self.of(figures), self.unit, figures.rounding)
