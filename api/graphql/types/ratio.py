"""An exact figure as the schema has it, and the state that it is of."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from msgspec import Struct

from api.graphql.engine.structs import View, output_of, read, showing
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated
from domain.kpi.kpi import Kpi
from domain.kpi.rounding import Unit, shown
from services.reading.moment import Moment, Question

UNITS: dict[str, Unit] = {declared.slug: declared.unit for declared in CATALOG}


@showing(ExactRatio, "numerator denominator value")
class Ratio(View):
    """An exact fraction; value and shown are null when it is undefined."""

    @cached_property  # Figures that are remembered are answered again and again.
    def shown(self) -> str | None:
        return shown(self.row, self.unit, self.rounding) if self.unit else None


def _part(name: str) -> Any:
    def show(self: Any) -> Ratio | None:
        figure = read(self, self.figure)
        exact = getattr(figure, name) if figure and figure.has_source else None
        return Ratio(row=exact, unit=UNITS[figure.slug], rounding=self.rounding) if exact else None

    return property(show)


@showing()
class Bounded(View):
    """A figure of the catalog, and how it may still change. figure: where the domain's is."""

    figure: ClassVar[str] = "row"
    ratio = _part("ratio")
    floor = _part("floor")
    ceiling = _part("ceiling")

    @classmethod
    def of(cls, kpi: Kpi, found: Evaluated, asked: Question, position: int, /, **more: Any) -> Self:
        """A figure among those of a group that answer a question, at a position."""
        more["as_of"] = AsOf(asked, position, found.versions)
        return cls(row=found.figures[kpi.slug], rounding=found.rounding, **more)


class AsOf(Struct, frozen=True):
    """The state that figures are of. versions: of the scheme, those that scored them."""

    question: Question
    position: int
    versions: tuple[int, ...] = ()

    @property
    def known_by(self) -> datetime | None:
        asked = self.question.known_by
        return asked if isinstance(asked, datetime) else None

    @property
    def scheme_version(self) -> int:
        return self.versions[-1] if self.versions else 0

    @property
    def moment(self) -> Moment | None:
        """When what is behind the figures is looked at."""
        return self.question.moment(self.position)


output_of(
    AsOf,
    "AsOf",
    "happened_by=question.happened_by known_by position scheme_version scheme_versions=versions",
)
