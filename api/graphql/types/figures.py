"""The newcomers' figures: exact, with the state they are of, and opened down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from api.graphql.engine.asked import moment_of
from api.graphql.engine.context import Info
from api.graphql.types.explanation import Explanation, explanation_of
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.errors import Refusal
from domain.kpi.catalog import BY_SLUG, NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated
from domain.kpi.group import By, Way
from services.reading.figures import FigureAnswer
from services.reading.question import Question

VIEW = "graphql"
"""Whose views of remembered figures these are."""

BOARD: tuple[Way, ...] = ("all", "month", "cohort", "manager")


@strawberry.type(description="The state that figures are of.")
class AsOf:
    happened_by: date
    known_by: datetime | None
    position: int
    scheme_version: int = strawberry.field(description="0 stands for the defaults.")
    scheme_versions: list[int]


@strawberry.type(description="The figures of a group of newcomers on the evening of a day.")
class NewcomerFigures:
    entered: int
    went_live: int
    employed: int
    order_rate: Ratio
    average_orders: Ratio
    trial_pass_rate: Ratio
    trial_pass_rate_of_entered: Ratio
    floor: Ratio = strawberry.field(description="Of the order rate: what can no longer be lost.")
    ceiling: Ratio = strawberry.field(description="Of the order rate: if all who still can did.")
    is_final: bool
    final_on: date | None
    as_of: AsOf
    question: strawberry.Private[Question]
    answers: strawberry.Private[dict[Any, Any] | None] = None

    @strawberry.field
    async def explanation(self, info: Info) -> Explanation:
        ask, asked, position = info.context, self.question, self.as_of.position
        found = await ask.explain(asked, position)
        return explanation_of(found, moment_of(asked, position, ask.today))


@strawberry.type(description="The figures of one month, cohort or manager.")
class GroupFigures:
    key: str = strawberry.field(description="The month (YYYY-MM), the cohort's code, the manager.")
    figures: NewcomerFigures


@strawberry.type(description="A partner's figures at a glance.")
class Board:
    whole: NewcomerFigures
    months: list[GroupFigures]
    by_cohort: list[GroupFigures]
    by_manager: list[GroupFigures]
    as_of: AsOf
    answers: strawberry.Private[dict[Any, Any]]


def figures_of(found: Evaluated, position: int, asked: Question) -> NewcomerFigures:
    """The catalog's figures as the schema has them."""
    figures, rate = found.figures, found.figures["order_rate"]

    def ratio(slug: str) -> Ratio:
        return ratio_of(figures[slug].ratio, BY_SLUG[slug].unit, found.rounding)

    return NewcomerFigures(
        entered=figures["entered"].ratio.numerator,
        went_live=figures["went_live"].ratio.numerator,
        employed=figures["employed"].ratio.numerator,
        order_rate=ratio("order_rate"),
        average_orders=ratio("average_orders"),
        trial_pass_rate=ratio("trial_pass_rate"),
        trial_pass_rate_of_entered=ratio("trial_pass_rate_of_entered"),
        floor=ratio_of(rate.floor or rate.ratio, "percent", found.rounding),
        ceiling=ratio_of(rate.ceiling or rate.ratio, "percent", found.rounding),
        is_final=rate.is_final,
        final_on=rate.final_on,
        as_of=as_of(asked, position, found.versions),
        question=asked,
    )


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    ask = info.context
    answer = await ask.figures.answer(ask.principal, asked, NEWCOMER_FIGURES)
    view: NewcomerFigures | None = answer.views.get(VIEW)
    if view is None:
        view = figures_of(answer.whole, answer.position, asked)
        view.answers = {}
        answer.views[VIEW] = view
    return view


async def board(info: Info, asked: Question, last_months: int) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many."""
    ask = info.context
    if not 1 <= last_months <= 120:
        raise Refusal("page_size_invalid", first=last_months, most=120)
    answer = await ask.figures.answer(ask.principal, asked, NEWCOMER_FIGURES, BOARD)
    view: Board | None = answer.views.get((VIEW, last_months))
    if view is None:
        view = _board(answer, asked, last_months)
        answer.views[VIEW, last_months] = view
    return view


def _board(answer: FigureAnswer, asked: Question, last_months: int) -> Board:
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
        answers={},
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
