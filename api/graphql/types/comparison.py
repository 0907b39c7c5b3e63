"""Two moments side by side: their figures and scorecards, and who moved each figure."""

import asyncio
from datetime import date, datetime
from typing import Self

import strawberry
from msgspec import Struct
from msgspec.structs import replace

from api.graphql.engine.arguments import taking
from api.graphql.engine.asked import moment_of
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.types.draft import DraftSchemeInput, draft_of
from api.graphql.types.explanation import LINES
from api.graphql.types.figures import AsOf, as_of
from api.graphql.types.kpi import Kpi, KpiLine
from api.graphql.types.ratio import Ratio, ratio_of
from api.graphql.types.scorecard import Scorecard, scorecard_of
from api.graphql.types.trainee import Trainee
from domain.kpi import kpi as declared
from domain.kpi.catalog import kpis
from domain.kpi.evaluation import Evaluated
from domain.kpi.proof import comparison as exact
from domain.kpi.scheme.draft import Draft
from projections.kernel.paging import Paging
from services.reading.figures import Basis
from services.reading.moment import Moment, known_by
from services.reading.question import Question


@strawberry.input(description="An evening, what was known when, and perhaps a draft of a scheme.")
class MomentInput:
    happened_by: date | None = strawberry.field(default=None, description="Null: today.")
    known_by: datetime | None = strawberry.field(default=None, description="Null: now.")
    known_by_position: int | None = strawberry.field(
        default=None, description="A place in the partner's log; instead of `knownBy`."
    )
    scheme: DraftSchemeInput | None = strawberry.field(
        default=None, description="Null: the scheme in force."
    )


class Asked(Struct, frozen=True):
    """One side as it is asked for. draft: None for the scheme in force."""

    question: Question
    draft: Draft | None = None


class Side(Struct, frozen=True):
    """One side as it is known. position: that it shows."""

    asked: Asked
    moment: exact.ComparedState
    position: int

    def seen(self, today: date) -> Moment | None:
        """When the people behind its answers are looked at."""
        return moment_of(self.asked.question, self.position, today)

    def as_of(self, versions: tuple[int, ...]) -> AsOf:
        """The state that its answers are of."""
        return as_of(self.asked.question, self.position, versions)


@strawberry.type(description="A figure on one side of a comparison.")
class ComparedFigure:
    ratio: Ratio | None = strawberry.field(description="Null where nothing is recorded for it yet.")
    floor: Ratio | None
    ceiling: Ratio | None
    is_final: bool
    final_on: date | None
    is_drafted: bool = strawberry.field(description="Under a draft: nobody's scheme says so.")
    as_of: AsOf

    @classmethod
    def of(cls, kpi: declared.Kpi, found: Evaluated, side: Side) -> Self:
        figure, rounding = found.figures[kpi.slug], found.rounding
        return cls(
            ratio=ratio_of(figure.ratio, kpi.unit, rounding) if figure.has_source else None,
            floor=ratio_of(figure.floor, kpi.unit, rounding) if figure.floor else None,
            ceiling=ratio_of(figure.ceiling, kpi.unit, rounding) if figure.ceiling else None,
            is_final=figure.is_final,
            final_on=figure.final_on,
            is_drafted=side.asked.draft is not None,
            as_of=side.as_of(found.versions),
        )


@strawberry.type(description="Whose line differs, and what that adds to the figure.")
class MovedLine:
    label: str = strawberry.field(description="The employee number, or the class's code.")
    cohort: str
    numerator: int = strawberry.field(description="Added to the numerator; may be negative.")
    denominator: int
    before: KpiLine | None = strawberry.field(description="Null: it was not there.")
    after: KpiLine | None = strawberry.field(description="Null: it is not there any more.")
    trainee_id: strawberry.Private[str | None]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        if self.trainee_id is None:
            return None
        return await Trainee.load(info, self.trainee_id, self.moment)

    @classmethod
    def of(
        cls, moved: exact.Moved, kpi: declared.Kpi, was: Moment | None, now: Moment | None
    ) -> Self:
        return cls(
            label=moved.label,
            cohort=moved.cohort_code,
            numerator=moved.numerator,
            denominator=moved.denominator,
            before=KpiLine.of(moved.before, kpi, was) if moved.before else None,
            after=KpiLine.of(moved.after, kpi, now) if moved.after else None,
            trainee_id=moved.trainee_id,
            moment=now,
        )


@strawberry.type(description="A figure before and after; what moved it adds up to the difference.")
class Comparison:
    kpi: Kpi
    before: ComparedFigure
    after: ComparedFigure
    moved_count: int
    lines: strawberry.Private[tuple[exact.Moved, ...]]
    was: strawberry.Private[Moment | None]
    now: strawberry.Private[Moment | None]

    @taking(LINES, description="In the order of the labels.")
    def moved(self, info: Info, paging: Paging) -> Connection[MovedLine]:
        kpi = self.kpi.kpi
        return Connection.of_lines(
            self.lines, paging, lambda one: MovedLine.of(one, kpi, self.was, self.now)
        )


@strawberry.type(description="A group's scorecard before and after.")
class ScorecardComparison:
    before: Scorecard
    after: Scorecard


def asked_at(info: Info, group: Question, moment: MomentInput | None) -> Asked:
    """A group at a moment.

    Refuses `known_by_twice`, `instant_without_zone`, `position_invalid`, and a draft that the
    scheme would refuse.
    """
    stated = moment or MomentInput()
    question = replace(
        group,
        happened_by=stated.happened_by or info.context.today,
        known_by=known_by(stated.known_by, stated.known_by_position),
    )
    language = info.context.language
    return Asked(question, draft_of(stated.scheme, language) if stated.scheme else None)


async def compare(
    info: Info, before: Asked, after: Asked, slugs: list[str] | None
) -> list[Comparison]:
    """Of these figures, or all of the catalog. Refuses `kpi_unknown`."""
    chosen = kpis(slugs)
    was, now = await _sides(info, before, after)
    # A large partner's takes seconds, in which everybody else is to be answered.
    found = await asyncio.to_thread(exact.compare, chosen, was.moment, now.moment)
    return [
        Comparison(
            kpi=Kpi.of(kpi),
            before=ComparedFigure.of(kpi, found.before, was),
            after=ComparedFigure.of(kpi, found.after, now),
            moved_count=len(found.moved[kpi.slug]),
            lines=found.moved[kpi.slug],
            was=was.seen(info.context.today),
            now=now.seen(info.context.today),
        )
        for kpi in chosen
    ]


async def compare_scorecards(info: Info, before: Asked, after: Asked) -> ScorecardComparison:
    """Each judged by its own moment's version."""
    was, now = await _sides(info, before, after)
    return ScorecardComparison(before=await _scorecard(was), after=await _scorecard(now))


async def _scorecard(side: Side) -> Scorecard:
    version = side.moment.version
    card = await asyncio.to_thread(exact.scored, side.moment)
    state = side.as_of((version.number,))
    return scorecard_of(card, state, version.parameters.rounding)


async def _sides(info: Info, before: Asked, after: Asked) -> tuple[Side, Side]:
    """Of one question both are of one state, whatever is recorded meanwhile."""
    ask = info.context
    was = now = await ask.figures.basis(ask.principal, before.question)
    if after.question != before.question:
        now = await ask.figures.basis(ask.principal, after.question)
    return _side(before, was), _side(after, now)


def _side(asked: Asked, basis: Basis) -> Side:
    moment = exact.ComparedState(basis.evidence, asked.question.happened_by, basis.group)
    if asked.draft is not None:
        moment = moment.under(asked.draft)
    return Side(asked, moment, basis.position)
