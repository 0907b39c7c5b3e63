"""The newcomers' figures: exact, with the state they are of, and opened down to the events."""

from typing import Any

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.outputs import showing
from api.graphql.types.newcomers import NewcomerFigures, figures_of
from api.graphql.types.ratio import AsOf, as_of
from domain.kernel.errors import Refusal
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.group import By, Way
from services.reading.figures import FigureAnswer
from services.reading.question import Question

BOARD: tuple[Way, ...] = ("all", "month", "cohort", "manager")


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


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    context = info.context
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES)
    whole, position = answer.whole, answer.position
    return context.views.view(answer, None, lambda: figures_of(whole, position, asked))


async def board(info: Info, asked: Question, last_months: int = 24) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many."""
    context = info.context
    if not 1 <= last_months <= 120:
        raise Refusal("page_size_invalid", first=last_months, most=120)
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES, BOARD)
    return context.views.view(answer, last_months, lambda: _board(answer, asked, last_months))


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
    )
