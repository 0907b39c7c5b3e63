"""The scorecard: a group's figures judged by the scheme's lines, with what is missing said."""

from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.enums import MISSING, SCORING
from api.graphql.types.figures import AsOf, as_of
from api.graphql.types.ratio import Ratio, ratio_of
from api.graphql.types.scheme import UNITS, SchemeTarget, name_of_source
from api.web.kit.catalogs import catalogs
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.scheme.scorecard import Judged, ScoredLine, Subtotal, shown_points, summary_of
from domain.kpi.scheme.scorecard import Scorecard as ExactScorecard
from domain.kpi.scheme.scorecard import scorecard as judged
from services.reading.question import Question


@strawberry.enum
class LineVerdict(Enum):
    MET = "met"
    NOT_MET = "not_met"
    NO_TARGET = "no_target"
    UNDEFINED = "undefined"
    NO_SOURCE = "no_source"


@strawberry.type(description="Percent points, exact.")
class Points:
    numerator: int
    denominator: int
    value: float
    shown: str

    @classmethod
    def of(cls, points: Fraction, rounding: str) -> Self:
        return cls(
            numerator=points.numerator,
            denominator=points.denominator,
            value=float(points),
            shown=shown_points(points, rounding),
        )


@strawberry.type(description="A KPI that a line judges, and what its figure says.")
class ScorecardCriterion:
    kpi: str
    ratio: Ratio | None = strawberry.field(description="Null where nothing is recorded for it yet.")
    floor: Ratio | None
    ceiling: Ratio | None
    target: SchemeTarget | None
    weight: Decimal | None
    verdict: LineVerdict
    is_final: bool = strawberry.field(description="Else the verdict is provisional.")
    final_on: date | None
    missing: list[str] = strawberry.field(graphql_type=list[MISSING])

    @classmethod
    def of(cls, judged: Judged, rounding: str) -> Self:
        criterion, figure = judged.criterion, judged.figure
        if figure is not None and not figure.has_source:
            figure = None

        def ratio(exact: ExactRatio | None) -> Ratio | None:
            unit = UNITS.get(criterion.kpi)
            return ratio_of(exact, unit, rounding) if exact and unit else None

        target = criterion.target
        return cls(
            kpi=criterion.kpi,
            ratio=ratio(figure.ratio) if figure else None,
            floor=ratio(figure.floor) if figure else None,
            ceiling=ratio(figure.ceiling) if figure else None,
            target=SchemeTarget.of(target, criterion.kpi, rounding) if target else None,
            weight=criterion.weight,
            verdict=LineVerdict(judged.verdict),
            is_final=judged.is_final,
            final_on=figure.final_on if figure else None,
            missing=list(judged.missing),
        )


@strawberry.type(description="A line of the scheme, scored or saying why not.")
class ScorecardLine:
    code: str
    weight: Decimal
    scoring: str = strawberry.field(graphql_type=SCORING)
    criteria: list[ScorecardCriterion]
    is_scored: bool
    points: Points | None = strawberry.field(description="Null, not 0, where it is not scored.")
    is_final: bool
    missing: list[str] = strawberry.field(graphql_type=list[MISSING])
    scored: strawberry.Private[ScoredLine]

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        line = self.scored.line
        return line.name or name_of_source(line, info.context.language)

    @classmethod
    def of(cls, scored: ScoredLine, rounding: str) -> Self:
        return cls(
            code=scored.line.code,
            weight=scored.line.weight,
            scoring=scored.line.scoring,
            criteria=[ScorecardCriterion.of(judged, rounding) for judged in scored.criteria],
            is_scored=scored.is_scored,
            points=None if scored.points is None else Points.of(scored.points, rounding),
            is_final=scored.is_final,
            missing=list(scored.missing),
            scored=scored,
        )


@strawberry.type(description="The subtotal of the lines that belong together; in percent points.")
class ScorecardDimension:
    code: str | None = strawberry.field(description="Null: of the lines that belong to none.")
    earned: Points
    scored: Decimal = strawberry.field(description="Percent points of the lines that are scored.")
    defined: Decimal = strawberry.field(description="Percent points of all of its lines.")
    subtotal: strawberry.Private[Subtotal]

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        found = self.subtotal.dimension
        if found is None:
            return None
        return found.name or name_of_source(found, info.context.language)

    @classmethod
    def of(cls, subtotal: Subtotal, rounding: str) -> Self:
        return cls(
            code=subtotal.dimension.code if subtotal.dimension else None,
            earned=Points.of(subtotal.earned, rounding),
            scored=subtotal.scored,
            defined=subtotal.defined,
            subtotal=subtotal,
        )


@strawberry.type(description="A group's figures judged by the scheme in force; never rescaled.")
class Scorecard:
    lines: list[ScorecardLine]
    dimensions: list[ScorecardDimension] = strawberry.field(
        description="Subtotals, in the order in which the lines name them."
    )
    earned: Points
    scored: Decimal = strawberry.field(description="Percent points of the lines that are scored.")
    defined: Decimal = strawberry.field(description="Percent points of all lines.")
    undefined: Decimal = strawberry.field(description="The rest of 100.")
    is_final: bool
    final_on: date | None
    as_of: AsOf
    card: strawberry.Private[ExactScorecard]

    @strawberry.field
    async def summary(self, info: Info) -> str:
        msgid, params = summary_of(self.card, self.earned.shown)
        return catalogs().sentence(info.context.language, msgid, **params)


async def scorecard(info: Info, asked: Question) -> Scorecard:
    """A group's figures judged by the version in force in the month asked about."""
    ask = info.context
    answer = await ask.figures.answer(ask.principal, asked)
    card = judged(answer.version.lines, answer.whole.figures)
    state = as_of(asked, answer.position, (answer.version.number,))
    return scorecard_of(card, state, answer.version.parameters.rounding)


def scorecard_of(card: ExactScorecard, as_of: AsOf, rounding: str) -> Scorecard:
    """The domain's scorecard as the schema has it; rounding: of what is shown."""
    return Scorecard(
        lines=[ScorecardLine.of(line, rounding) for line in card.lines],
        dimensions=[ScorecardDimension.of(one, rounding) for one in card.dimensions],
        earned=Points.of(card.earned, rounding),
        scored=card.scored,
        defined=card.defined,
        undefined=card.undefined,
        is_final=card.is_final,
        final_on=card.final_on,
        as_of=as_of,
        card=card,
    )
