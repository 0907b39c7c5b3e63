"""The partner's figures board, and the stream that keeps it live."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from litestar import Response, get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.needs import needs
from api.positions import follow_positions
from api.streams import CountedStream
from api.web.kit.charts import MOST_BARS, chart
from api.web.kit.cookies import session_token
from api.web.kit.figures_view import FiguresView, GroupsByWay, groups, read_figures, show
from api.web.kit.page import PageContext, PageHere, redirect
from api.web.pages.board_view import BoardView, board_of
from api.web.pages.checklist import FirstStep, first_steps
from domain.kpi.catalog import HEADLINES, NEWCOMER_FIGURES
from domain.kpi.catalog.people import EMPLOYED, ENTERED, WENT_LIVE
from domain.kpi.group import BYS
from infra.bootstrap import waited_for
from services.kernel.beside import beside
from services.kernel.permissions import Permission
from services.reading.moment import position_of

ENDED = "ended"
"""The event after which a page asks again, and is sent to the log-in."""


@get("/", opt=needs())
async def board_page(page: PageHere) -> Response[Any]:
    """The board, or for htmx its changing part alone; in front of it, what a new partner does
    first. Who may not see it is led to the first page of the menu, and who may see none is told
    whom to ask."""
    if page.may(Permission.READ_FIGURES):
        view = await read_figures(page)
        whole, board = await beside(_drawn, view)
        is_asked = board.nobody_live or page.may(Permission.MANAGE_PEOPLE)
        steps = list[FirstStep]()
        if is_asked and not view.filters.is_past:
            steps = await first_steps(page, has_figures=not board.nobody_live)
        by_cohort = [line.key for line in board.lines] if view.filters.by == "cohort" else ()
        cohorts = await page.cohorts(by_cohort)
        return await beside(_shown, page, view, whole, board, steps, cohorts)
    links = page.menu()
    is_new = page.may(Permission.MANAGE_PEOPLE) and not page.principal.is_of_head_office
    if is_new and (steps := await first_steps(page)):
        return page.render("checklist.html", steps=steps)
    if links:
        return redirect(links[0].address)
    who = await page.app.holders.of(page.principal, Permission.MANAGE_PEOPLE)
    return page.render("no_right.html", who=who)


def _drawn(view: FiguresView) -> tuple[GroupsByWay, BoardView]:
    whole = groups(view, NEWCOMER_FIGURES)
    return whole, board_of(view, whole)


def _shown(
    page: PageContext,
    view: FiguresView,
    whole: GroupsByWay,
    board: BoardView,
    steps: Sequence[FirstStep],
    cohorts: Collection[str],
) -> Response[str]:
    return show(
        page,
        view,
        "board",
        whole,
        board=board,
        steps=steps,
        cohorts=cohorts,
        bys=BYS,
        catalog=HEADLINES,
        people=(ENTERED, WENT_LIVE, EMPLOYED),
        most_bars=MOST_BARS,
        charts=[(kpi, chart(kpi, board.lines, page.wording)) for kpi in board.drawn],
    )


@get("/figures/events", middleware=[CountedStream], opt=needs(Permission.READ_FIGURES))
async def events(page: PageHere) -> ServerSentEvent:
    """Says `figures` when the partner's figures moved past `after`, `ended` after the session, or
    after the right to see figures."""
    request = page.request
    after = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    return ServerSentEvent(_messages(page, position_of(after) or 0))


async def _messages(page: PageContext, after: int) -> AsyncIterator[ServerSentEventMessage]:
    accounts, session = page.app.accounts, session_token(page.request) or ""
    yield ServerSentEventMessage(data=None, comment="follows")
    async for position in follow_positions(page.app, page.tenant, after):
        with waited_for():  # Browsers do not come back to a 503.
            found = await accounts.principal_of_session(session)
            if found is None or not found.principal.may(Permission.READ_FIGURES):
                break
        if position is None:
            yield ServerSentEventMessage(data=None, comment="still here")
        else:
            yield ServerSentEventMessage(event="figures", data=position, id=position)
    yield ServerSentEventMessage(event=ENDED, data=ENDED)
