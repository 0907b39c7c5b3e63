"""The newcomers' figures: exact, with the state they are of, and opened down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.outputs import showing
from api.graphql.engine.plans import remembered
from api.graphql.types.explanation import Explanation
from api.graphql.types.ratio import UNITS, Ratio, ratio_of
from domain.kernel.errors import Refusal
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated
from domain.kpi.group import By, Way
from services.reading.figures import FigureAnswer
from services.reading.question import Question

VIEW = "graphql"
"""Whose views of remembered figures these are."""

PEOPLE = ("entered", "went_live", "employed")
RATES = ("order_rate", "average_orders", "trial_pass_rate", "trial_pass_rate_of_entered")

BOARD: tuple[Way, ...] = ("all", "month", "cohort", "manager")


@showing()
class AsOf:
    """The state that figures are of."""

    happened_by: date
    known_by: datetime | None
    position: int
    scheme_version: int
    scheme_versions: list[int]


@showing()
class NewcomerFigures:
    """The figures of a group of newcomers on the evening of a day."""

    entered: int
    went_live: int
    employed: int
    order_rate: Ratio
    average_orders: Ratio
    trial_pass_rate: Ratio
    trial_pass_rate_of_entered: Ratio
    floor: Ratio
    ceiling: Ratio
    is_final: bool
    final_on: date | None
    as_of: AsOf
    question: strawberry.Private[Question]
    answers: strawberry.Private[dict[Any, Any] | None] = None

    @strawberry.field
    async def explanation(self, info: Info) -> Explanation:
        context, asked, position = info.context, self.question, self.as_of.position
        found = await context.explain(asked, position)
        return Explanation.of(found, asked.moment(position, context.today))


@showing()
class GroupFigures:
    """The figures of one month, cohort or manager."""

    key: str
    figures: NewcomerFigures


@showing()
class Board:
    """A partner's figures at a glance."""

    whole: NewcomerFigures
    months: list[GroupFigures]
    by_cohort: list[GroupFigures]
    by_manager: list[GroupFigures]
    as_of: AsOf
    answers: strawberry.Private[dict[Any, Any] | None] = None


def figures_of(found: Evaluated, position: int, asked: Question) -> NewcomerFigures:
    """The catalog's figures as the schema has them."""
    figures, rate = found.figures, found.figures["order_rate"]
    counts: dict[str, Any] = {slug: figures[slug].ratio.numerator for slug in PEOPLE}
    for slug in RATES:
        counts[slug] = ratio_of(figures[slug].ratio, UNITS[slug], found.rounding)
    return NewcomerFigures(
        **counts,
        floor=ratio_of(rate.floor or rate.ratio, "percent", found.rounding),
        ceiling=ratio_of(rate.ceiling or rate.ratio, "percent", found.rounding),
        is_final=rate.is_final,
        final_on=rate.final_on,
        as_of=as_of(asked, position, found.versions),
        question=asked,
    )


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    context = info.context
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES)
    whole, position = answer.whole, answer.position
    return remembered(answer.views, VIEW, lambda: figures_of(whole, position, asked))


async def board(info: Info, asked: Question, last_months: int = 24) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many."""
    context = info.context
    if not 1 <= last_months <= 120:
        raise Refusal("page_size_invalid", first=last_months, most=120)
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES, BOARD)
    key = VIEW, last_months
    return remembered(answer.views, key, lambda: _board(answer, asked, last_months))


def _board(answer: FigureAnswer, asked: Question, last_months: int = 24) -> Board:
    position = answer.position

    def groups(by: By, last: int | None = None) -> list[GroupFigures]:
        found = list(answer.ways[by].items())
        return [
            GroupFigures(key=key, figures=figures_of(its, position, asked.narrowed(by, key)))
            for key, its in found[-last if last else 0 :]
        ]

    return Board(
        whole=figures_of(answer.whole, position, asked),
        months=groups("month", last_months),
        by_cohort=groups("cohort"),
        by_manager=groups("manager"),
        as_of=as_of(asked, position, answer.whole.versions),
    )


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
