"""What a group's order rate is expected to end with, and how well such forecasts have done."""

from fractions import Fraction

import strawberry

from api.graphql.engine.context import Info
from api.graphql.types.figures import AsOf, as_of
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.rounding import shown
from domain.kpi.statistics import forecast as exact
from domain.kpi.subjects.newcomers import members_of
from services.reading.question import Question


@strawberry.type(description="An estimate: exact as computed, and far too long to be told so.")
class Estimate:
    value: float
    shown: str


@strawberry.type(description="The order rate expected in the end, with its back-tested error.")
class Forecast:
    expected: Estimate
    low: Ratio
    high: Ratio
    level: Ratio = strawberry.field(description="How often the interval is meant to hold.")
    coverage: Ratio = strawberry.field(description="How often it held when it was back-tested.")
    mean_absolute_error: Estimate
    batches: int = strawberry.field(description="Matured batches that it was back-tested on.")
    as_of: AsOf


async def forecast(info: Info, asked: Question) -> Forecast | None:
    """Of a group; None where there are too few matured batches."""
    ask = info.context
    known = await ask.figures.basis(ask.principal, asked)
    everybody = await ask.figures.basis(
        ask.principal, Question(asked.happened_by, known_by=known.position)
    )
    evidence, day = everybody.evidence, asked.happened_by
    windows, answering = evidence.windows(day), evidence.answering(day)
    group = members_of(evidence.newcomers, windows, known.group, answering)
    found = exact.forecast(group, evidence.newcomers, day, evidence.scheme)
    return None if found is None else _forecast(found, as_of(asked, known.position, ()))


def _forecast(found: exact.Forecast, state: AsOf) -> Forecast:
    return Forecast(
        expected=_estimate(found.expected),
        low=ratio_of(found.low, "percent"),
        high=ratio_of(found.high, "percent"),
        level=ratio_of(found.level, "percent"),
        coverage=ratio_of(found.coverage, "percent"),
        mean_absolute_error=_estimate(found.mean_absolute_error),
        batches=found.batches,
        as_of=state,
    )


def _estimate(share: Fraction) -> Estimate:
    exact = ExactRatio(share.numerator, share.denominator)
    return Estimate(value=float(share), shown=shown(exact, "percent") or "")
