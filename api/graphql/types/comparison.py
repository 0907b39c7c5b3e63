"""Two moments side by side: their figures and scorecards, and who moved each figure."""

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import strawberry
from msgspec import Struct
from msgspec.structs import replace

from api.graphql.engine.connections import lines_field
from api.graphql.engine.context import Info
from api.graphql.engine.structs import View, input_of, reader_of, showing, size_of
from api.graphql.types.kpi import Kpi, KpiLine
from api.graphql.types.newcomers import OfTrainee
from api.graphql.types.ratio import AsOf, Bounded
from api.graphql.types.scheme import Scorecard
from domain.kernel.bounds import check
from domain.kpi import catalog
from domain.kpi import kpi as declared
from domain.kpi.evaluation import Evaluated
from domain.kpi.figure import KpiFigure as ExactFigure
from domain.kpi.proof import comparison as exact
from domain.kpi.proof.breakdown import Contribution
from domain.kpi.scheme.draft import Draft
from services.reading.figures import Basis
from services.reading.moment import Moment, known_by
from services.reading.question import Question

if TYPE_CHECKING:
    DraftSchemeInput: TypeAlias = Any
else:
    DraftSchemeInput = input_of(Draft)


@strawberry.input(description="An evening, what was known when, and perhaps a draft of a scheme.")
class MomentInput:
    happened_by: date | None = None
    known_by: datetime | None = None
    known_by_position: int | None = None
    scheme: DraftSchemeInput | None = None


class Side(Struct, frozen=True):
    """One side of a comparison. draft: None for the scheme in force. position: that it shows."""

    question: Question
    draft: Draft | None
    state: exact.ComparedState
    position: int

    def as_of(self, versions: tuple[int, ...]) -> AsOf:
        """The state that its answers are of."""
        return AsOf(self.question, self.position, versions)

    def figure(self, kpi: declared.Kpi, found: Evaluated) -> "ComparedFigure":
        """Its figure of the catalog."""
        as_of = self.as_of(found.versions)
        return ComparedFigure.of(kpi, found, is_drafted=self.draft is not None, as_of=as_of)


@showing(ExactFigure, "is_final final_on")
class ComparedFigure(Bounded):
    """A figure on one side of a comparison."""

    is_drafted: bool
    as_of: AsOf


@showing(exact.Moved, "numerator denominator label cohort=cohort_code", label=str)
class MovedLine(OfTrainee):
    """Whose line differs, and what that adds to the figure."""

    comparison: strawberry.Private["Comparison"]

    @property
    def before(self) -> KpiLine | None:
        return self._line(self.row.before, self.comparison.was)

    @property
    def after(self) -> KpiLine | None:
        return self._line(self.row.after, self.moment)

    def _line(self, line: Contribution[Any] | None, moment: Moment | None) -> KpiLine | None:
        if line is None:
            return None
        return KpiLine(row=line, moment=moment, kpi=self.comparison.kpi.row)

    @classmethod
    def below(cls, line: Any, parent: Any) -> Self:
        return cls(row=line, moment=parent.moment, comparison=parent)


@showing()
class Comparison(View):
    """A figure before and after; what moved it adds up to the difference."""

    kpi: Kpi
    before: ComparedFigure
    after: ComparedFigure
    was: strawberry.Private[Moment | None]
    moved = lines_field(MovedLine, "row")
    moved_count = size_of("row")


@showing()
class ScorecardComparison:
    """A group's scorecard before and after."""

    before: Scorecard
    after: Scorecard


async def compare(
    info: Info,
    asked: Question,
    before: MomentInput | None = None,
    after: MomentInput | None = None,
    kpis: list[str] | None = None,
) -> list[Comparison]:
    """Of these figures, or all of the catalog. Refuses `kpi_unknown`, and what a moment refuses."""
    return await _compared(info, kpis, _stated(info, asked, before), _stated(info, asked, after))


async def what_if(
    info: Info, asked: Question, scheme: DraftSchemeInput, kpis: list[str] | None = None
) -> list[Comparison]:
    """Before: the scheme in force; after: as if the draft were. Refuses what the draft refuses."""
    draft = _drafted(info, scheme)
    return await _compared(info, kpis, (asked, None), (asked, draft))


async def compare_scorecards(
    info: Info,
    asked: Question,
    before: MomentInput | None = None,
    after: MomentInput | None = None,
) -> ScorecardComparison:
    """Each judged by its own moment's version."""
    was, now = await _sides(info, _stated(info, asked, before), _stated(info, asked, after))
    return ScorecardComparison(before=await _scorecard(was), after=await _scorecard(now))


Stated = tuple[Question, Draft | None]


def _stated(info: Info, group: Question, moment: MomentInput | None) -> Stated:
    """A group at a moment.

    Refuses `known_by_twice`, `instant_without_zone`, `position_invalid`, and a draft that the
    scheme would refuse.
    """
    stated, context = moment or MomentInput(), info.context
    question = replace(
        group,
        happened_by=stated.happened_by or context.today,
        known_by=known_by(stated.known_by, stated.known_by_position),
    )
    return question, _drafted(info, stated.scheme) if stated.scheme else None


def _drafted(info: Info, scheme: DraftSchemeInput) -> Draft:
    draft: Draft = reader_of(Draft)(scheme, info.context.language)
    check(draft)
    return draft


async def _compared(
    info: Info, slugs: list[str] | None, before: Stated, after: Stated
) -> list[Comparison]:
    chosen, today = catalog.kpis(slugs), info.context.today
    was, now = await _sides(info, before, after)
    # A large partner's takes seconds, in which everybody else is to be answered.
    found = await asyncio.to_thread(exact.compare, chosen, was.state, now.state)
    return [
        Comparison(
            row=found.moved[kpi.slug],
            kpi=Kpi(row=kpi),
            before=was.figure(kpi, found.before),
            after=now.figure(kpi, found.after),
            was=was.question.moment(was.position, today),
            moment=now.question.moment(now.position, today),
        )
        for kpi in chosen
    ]


async def _scorecard(side: Side) -> Scorecard:
    version = side.state.version
    card = await asyncio.to_thread(exact.scored, side.state)
    state = side.as_of((version.number,))
    return Scorecard(row=card, as_of=state, rounding=version.parameters.rounding)


async def _sides(info: Info, *stated: Stated) -> list[Side]:
    """Of one question all are of one state, whatever is recorded meanwhile."""
    context, sides = info.context, []
    known: dict[Question, Basis] = {}
    for question, draft in stated:
        if question not in known:
            known[question] = await context.figures.basis(context.principal, question)
        found = known[question]
        state = exact.ComparedState(found.evidence, question.happened_by, found.group)
        sides.append(Side(question, draft, state.under(draft) if draft else state, found.position))
    return sides
