"""The newcomers' figures: exact, with the state they are of, and opened down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from api.figures import Boarded, Question
from api.graphql.engine.asked import moment_of
from api.graphql.engine.context import Info
from api.graphql.types.explanation import Explanation, explanation_of
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.errors import Refusal
from domain.kpi.evaluation import By
from domain.kpi.subjects import figures as kpi

VIEW = "graphql"
"""Whose views of remembered figures these are."""


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


def figures_of(found: kpi.NewcomerFigures, position: int, asked: Question) -> NewcomerFigures:
    """The domain's figures as the schema has them."""
    rounding = found.rounding
    return NewcomerFigures(
        entered=found.entered,
        went_live=found.went_live,
        employed=found.employed,
        order_rate=ratio_of(found.order_rate, "percent", rounding),
        average_orders=ratio_of(found.average_orders, "per_person", rounding),
        trial_pass_rate=ratio_of(found.trial_pass_rate, "percent", rounding),
        trial_pass_rate_of_entered=ratio_of(found.trial_pass_rate_of_entered, "percent", rounding),
        floor=ratio_of(found.floor, "percent", rounding),
        ceiling=ratio_of(found.ceiling, "percent", rounding),
        is_final=found.is_final,
        final_on=found.final_on,
        as_of=as_of(asked, position, found.versions),
        question=asked,
    )


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    ask = info.context
    figured = await ask.figures.figures(ask.principal, asked)
    view: NewcomerFigures | None = figured.views.get(VIEW)
    if view is None:
        view = figures_of(figured.figures, figured.position, asked)
        view.answers = {}
        figured.views[VIEW] = view
    return view


async def board(info: Info, asked: Question, last_months: int) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many."""
    ask = info.context
    if not 1 <= last_months <= 120:
        raise Refusal("page_size_invalid", first=last_months, most=120)
    boarded = await ask.figures.board(ask.principal, asked)
    view: Board | None = boarded.views.get((VIEW, last_months))
    if view is None:
        view = _board(boarded, asked, last_months)
        boarded.views[VIEW, last_months] = view
    return view


def _board(boarded: Boarded, asked: Question, last_months: int) -> Board:
    found, position = boarded.board, boarded.position

    def groups(by: dict[str, kpi.NewcomerFigures], field: By) -> list[GroupFigures]:
        return [
            GroupFigures(key=key, figures=figures_of(its, position, asked.narrowed(field, key)))
            for key, its in by.items()
        ]

    months = {str(month): found.by_month[month] for month in list(found.by_month)[-last_months:]}
    return Board(
        whole=figures_of(found.whole, position, asked),
        months=groups(months, "month"),
        by_cohort=groups(found.by_cohort, "cohort"),
        by_manager=groups(found.by_manager, "manager"),
        as_of=as_of(asked, position, found.whole.versions),
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
