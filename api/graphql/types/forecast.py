"""What a group's order rate is expected to end with, and how well such forecasts have done."""

from fractions import Fraction

from api.graphql.engine.context import Info
from api.graphql.engine.outputs import showing
from api.graphql.types.ratio import AsOf, Ratio, as_of, ratio_of
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.rounding import shown
from domain.kpi.statistics import forecast as exact
from domain.kpi.subjects.newcomers import members_of
from services.reading.question import Question

INTERVAL = ("low", "high", "level", "coverage")


@showing()
class Estimate:
    """An estimate: exact as computed, and far too long to be told so."""

    value: float
    shown: str


@showing()
class Forecast:
    """The order rate expected in the end, with its back-tested error."""

    expected: Estimate
    low: Ratio
    high: Ratio
    level: Ratio
    coverage: Ratio
    mean_absolute_error: Estimate
    batches: int
    as_of: AsOf


async def forecast(info: Info, asked: Question) -> Forecast | None:
    """Of a group; None where there are too few matured batches."""
    context = info.context
    known = await context.figures.basis(context.principal, asked)
    everybody = await context.figures.basis(
        context.principal, Question(asked.happened_by, known_by=known.position)
    )
    evidence, day = everybody.evidence, asked.happened_by
    windows, answering = evidence.windows(day), evidence.answering(day)
    group = members_of(evidence.newcomers, windows, known.group, answering)
    found = exact.forecast(group, evidence.newcomers, day, evidence.scheme)
    if found is None:
        return None
    return Forecast(
        expected=_estimate(found.expected),
        mean_absolute_error=_estimate(found.mean_absolute_error),
        batches=found.batches,
        as_of=as_of(asked, known.position, ()),
        **{part: ratio_of(getattr(found, part), "percent") for part in INTERVAL},
    )


def _estimate(share: Fraction) -> Estimate:
    exact = ExactRatio(share.numerator, share.denominator)
    return Estimate(value=float(share), shown=shown(exact, "percent") or "")
