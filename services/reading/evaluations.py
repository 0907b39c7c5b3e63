"""What is counted of bases, named so that another process can be told of it: each a function of
words and dates, and at last of the bases that it reads by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

import msgspec

from domain.kpi.catalog import kpis
from domain.kpi.evaluation import Evaluated, evaluate_days, evaluate_ways
from domain.kpi.evidence import Basis
from domain.kpi.group import WHOLE, Way
from domain.kpi.scheme.versions import Version
from domain.kpi.statistics.curve import Curve, curve_of
from domain.kpi.statistics.forecast import Forecast, forecast_of
from services.kernel.context import Principal
from services.reading.moment import Question

A = TypeVar("A", bound="FigureAnswer | StatisticAnswer")


class KnownBasis(Basis, frozen=True, kw_only=True):
    """What a question is answered from. position: of the log, up to which it was known."""

    position: int


class FigureAnswer(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """Figures by way and key (domain/kpi/evaluation.py), or by "day" and YYYY-MM-DD, and the
    position that they show.

    version: of the scheme, in force in the month asked about or else on the day. An answer is
    itself alone, so that a door may keep what it made of it for as long as it is remembered.
    """

    ways: Mapping[str, Mapping[str, Evaluated]]
    version: Version
    position: int

    @property
    def whole(self) -> Evaluated:
        """The figures of the group asked about, where they were asked for."""
        return self.ways["all"][WHOLE]

    @property
    def weight(self) -> int:
        return 1 + sum(map(len, self.ways.values()))


class StatisticAnswer(msgspec.Struct, frozen=True):
    """A curve or a forecast of a group, and the position that it shows."""

    found: Curve | Forecast | None
    position: int
    weight: int = 1


class Evaluators(Protocol):
    """Other processes that evaluate. Implemented by infra/readside/evaluators.py."""

    async def evaluate(self, principal: Principal, count: Callable[..., A], *asked: Question) -> A:
        """What `FigureReader.evaluated` answers there. Refuses `figures_took_too_long`,
        `figures_not_evaluated`."""


def in_ways(ways: Sequence[Way], slugs: Sequence[str], basis: KnownBasis) -> FigureAnswer:
    """The figures of these KPIs, of a group or of the groups within it."""
    found: Any = evaluate_ways(ways, kpis(slugs), basis)
    return FigureAnswer(found, basis.version, basis.position)


def on_days(first: date, slugs: Sequence[str], basis: KnownBasis) -> FigureAnswer:
    """The figures of these KPIs on every evening from a day to the basis's."""
    found = evaluate_days(kpis(slugs), basis, first)
    days = {str(day): one for day, one in found.items()}
    return FigureAnswer({"day": days}, basis.version, basis.position)


def first_orders(basis: KnownBasis) -> StatisticAnswer:
    """A group's days to the first order."""
    return StatisticAnswer(curve_of(basis), basis.position)


def forecast(basis: KnownBasis, everybody: KnownBasis) -> StatisticAnswer:
    """What a group's order rate is expected to end with, taught by everybody's batches."""
    of_group = msgspec.structs.replace(everybody, group=basis.group)
    return StatisticAnswer(forecast_of(of_group), basis.position)
