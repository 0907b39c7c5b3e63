"""What is counted of bases, named so that another process can be told of it: each a function of
words and dates, and at last of the bases that it reads by itself."""

import copyreg
import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kpi.catalog import kpi_by_slug, kpis
from domain.kpi.evaluation import Evaluated, evaluate_days, evaluate_ways
from domain.kpi.evidence import Basis
from domain.kpi.group import WHOLE, Way
from domain.kpi.kpi import Kpi
from domain.kpi.proof.comparison import moved_by
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.versions import Version
from domain.kpi.statistics.curve import Curve, curve_of
from domain.kpi.statistics.forecast import Forecast, forecast_of
from domain.kpi.subjects.newcomers import members_of
from projections import LISTINGS
from projections.kernel.listing import Listing
from projections.kernel.paging import Paging
from services.kernel.context import Principal
from services.reading.moment import Moment, Question

A = TypeVar("A", bound="FigureAnswer | StatisticAnswer | OpenedAnswer | KnownBasis")
M = TypeVar("M", bound="FigureAnswer | StatisticAnswer")
"""What is remembered; of an `OpenedAnswer` every document asks for other lines."""
V = TypeVar("V")

copyreg.pickle(Kpi, lambda kpi: (kpi_by_slug, (kpi.slug,)))
"""A line of an explanation names its KPI; the other process has the declaration."""


@cache
def _listing(name: str, order: tuple[str, ...], descending: bool, cursors: str | None) -> Any:
    known = next(one for one in LISTINGS if one.name == name)
    if (known.order, known.descending, known.cursors) == (order, descending, cursors):
        return known
    return dataclasses.replace(known, order=order, descending=descending, cursors=cursors)


copyreg.pickle(Listing, lambda one: (_listing, (one.name, one.order, one.descending, one.cursors)))
"""The same of a list; in which order it is to be is said beside it."""


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


class AskedLines(msgspec.Struct, frozen=True):
    """What is asked of figures that are opened: how many lines there are of a kind, and the page of
    them that a paging chooses. of: an attribute, or the slug of the KPI that they moved."""

    of: str
    paging: Paging | None = None

    def among(self, lines: Sequence[Any]) -> "FoundLines":
        """Refuses `cursor_invalid`."""
        start, stop = (0, 0) if self.paging is None else self.paging.window(len(lines))
        return FoundLines(lines[start:stop], start, len(lines))


class FoundLines(msgspec.Struct, frozen=True):
    """Lines one after the other, how many went before them, and how many there are in all."""

    lines: Sequence[Any]
    start: int
    total: int


class OpenedAnswer(msgspec.Struct, frozen=True):
    """The lines that were asked for, and where figures are compared those of each side."""

    parts: Mapping[AskedLines, FoundLines]
    sides: tuple[FigureAnswer, ...] = ()


class RemoteQuestion(msgspec.Struct, Generic[V], frozen=True):
    """What another process is asked about a partner. TOO_LONG: the code that refuses it where it
    is not done in time."""

    TOO_LONG: ClassVar[str]

    principal: Principal


class Evaluation(RemoteQuestion[A], Generic[A], frozen=True):
    """What is counted of the bases of these questions, all that are asked of one instant of
    knowledge of one state. position: that of the first one; None: as it says."""

    TOO_LONG = "figures_took_too_long"

    count: Callable[..., A]
    asked: tuple[Question, ...]
    position: int | None = None


class PastQuestion(RemoteQuestion[V], Generic[V], frozen=True):
    """What another process is asked of a PastReader. reader: the one that asks, so that whatever it
    asks of one thing is read once. ask: a way of PastReader's, asked and given what that takes."""

    TOO_LONG = "past_took_too_long"

    reader: UUID
    moment: Moment
    ask: Callable[..., Awaitable[V]]
    asked: tuple[Any, ...]
    given: Mapping[str, Any]


class Evaluators(Protocol):
    """Other processes that evaluate. Implemented by infra/readside/evaluators.py."""

    async def evaluate(self, asked: RemoteQuestion[V]) -> V:
        """What `FigureReader.evaluated`, or `PastReaders.answer`, answers there. Refuses the code
        of what is asked where it takes too long, and `figures_not_evaluated`."""


def itself(basis: KnownBasis) -> KnownBasis:
    """What figures are made of, for who makes them of it."""
    return basis


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
    """What a group's order rate is expected to end with, taught by the batches of everybody who is
    within."""
    evidence = everybody.evidence
    if basis.within is not None:
        evidence = replace(evidence, newcomers=members_of(everybody))
    of_group = replace(everybody, evidence=evidence, group=basis.group)
    return StatisticAnswer(forecast_of(of_group), basis.position)


def opened(
    open_up: Callable[[Basis], Any], parts: Sequence[AskedLines], basis: KnownBasis
) -> OpenedAnswer:
    """What is asked of figures that a function opens. Refuses `cursor_invalid`."""
    found = open_up(basis)
    return OpenedAnswer({part: part.among(getattr(found, part.of)) for part in parts})


def compared(
    slugs: Sequence[str],
    drafts: Sequence[Draft | None],
    parts: Sequence[AskedLines],
    *bases: KnownBasis,
) -> OpenedAnswer:
    """Figures of two bases, each scored by a draft where there is one, and of who moved them what
    is asked. Refuses `cursor_invalid`."""
    sides: list[Any] = [
        basis if draft is None else draft.applied(basis)
        for draft, basis in zip(drafts, bases, strict=True)
    ]
    asked = {part.of for part in parts}
    moved = {slug: moved_by(kpi_by_slug(slug), *sides) for slug in asked}
    return OpenedAnswer(
        {part: part.among(moved[part.of]) for part in parts},
        tuple(in_ways(("all",), slugs, side) for side in sides),
    )
