"""An exact figure as the schema has it, and the state that it is of."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from api.graphql.engine.outputs import View, read, showing
from domain.kernel.bounds import item_of, unwrapped
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.catalog import CATALOG
from domain.kpi.rounding import Unit, shown
from services.reading.question import Question

UNITS: dict[str, Unit] = {declared.slug: declared.unit for declared in CATALOG}


@showing()
class Ratio:
    """An exact fraction; value and shown are null when it is undefined."""

    numerator: int
    denominator: int
    value: float | None
    shown: str | None


def ratio_of(exact: ExactRatio, unit: Unit, rounding: str = "truncate") -> Ratio:
    """The fraction and how people read it."""
    return Ratio(
        numerator=exact.numerator,
        denominator=exact.denominator,
        value=exact.value,
        shown=shown(exact, unit, rounding),
    )


@showing()
class Rounded(View):
    """What a struct shows of itself; rounding: of the figures that people read."""

    rounding: strawberry.Private[str] = "truncate"

    def _ratio(self, exact: ExactRatio | None, slug: str) -> Ratio | None:
        unit = UNITS.get(slug)
        return ratio_of(exact, unit, self.rounding) if exact and unit else None


def shown_as(hint: Any, path: str) -> Any:
    """What shows an attribute, or each of several, with the same rounding. hint: a Rounded, a list
    of them, or one of them or None."""
    whole, _ = unwrapped(hint)
    item = item_of(whole)

    def show(self: Any) -> Any:
        found = read(self, path)
        if found is None:
            return None
        if item is not None:
            return [item(row=one, rounding=self.rounding) for one in found]
        return whole(row=found, rounding=self.rounding)

    show.__annotations__["return"] = hint
    return property(show)


@showing()
class Bounded(Rounded):
    """A figure of the catalog, and how it may still change."""

    @property
    def ratio(self) -> Ratio | None:
        return self._part("ratio")

    @property
    def floor(self) -> Ratio | None:
        return self._part("floor")

    @property
    def ceiling(self) -> Ratio | None:
        return self._part("ceiling")

    def _part(self, part: str) -> Ratio | None:
        figure = self._figure()
        known = figure is not None and figure.has_source
        return self._ratio(getattr(figure, part), figure.slug) if known else None

    def _figure(self) -> Any:
        """The domain's figure; None where there is none."""
        return self.row


@showing()
class AsOf:
    """The state that figures are of."""

    happened_by: date
    known_by: datetime | None
    position: int
    scheme_version: int
    scheme_versions: list[int]


def as_of(asked: Question, position: int, versions: Sequence[int]) -> AsOf:
    """The state that an answer is of."""
    known_by = asked.known_by
    return AsOf(
        happened_by=asked.happened_by,
        known_by=known_by if isinstance(known_by, datetime) else None,
        position=position,
        scheme_version=versions[-1] if versions else 0,
        scheme_versions=list(versions),
    )
