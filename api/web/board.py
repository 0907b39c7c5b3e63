"""The partner's figures board, and the stream that keeps it live."""

from collections.abc import AsyncIterator, Mapping
from datetime import date

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.figures import SHOWN
from api.web.board_view import BYS, Choice, View, look
from api.web.charts import chart
from api.web.cookies import session_token
from api.web.live import Live
from api.web.pages import PageRequest, Pages
from api.web.reader import Reader
from domain.errors import Refusal
from domain.kpi.catalog import HEADLINES
from domain.values import Month
from projections.newcomers import list_newcomers
from projections.progress import list_positions
from projections.schemes import get_scheme
from services.permissions import Permission, require

ENDED = "ended"
"""The event after which a page asks again, and is sent to the log-in."""

PagesHere = NamedDependency[SkipValidation[Pages]]
ReaderHere = NamedDependency[SkipValidation[Reader]]
LiveHere = NamedDependency[SkipValidation[Live]]


@get("/", include_in_schema=False)
async def board_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The board, or for htmx only what changes in it."""
    require(reader.principal, Permission.READ_FIGURES)
    choice = choice_of(request.query_params)
    view, position = await read_view(reader, choice)
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "_refreshed.html" if request.htmx else "board.html",
        zone=reader.principal.zone,
        reader=reader,
        view=view,
        position=position,
        today=reader.today,
        bys=BYS,
        catalog=HEADLINES,
        months=[(month, wording.month(Month.parse(month))) for month in view.months],
        charts=[(kpi, chart(kpi, view.lines, wording)) for kpi in view.drawn],
        swapped=bool(request.htmx),
    )


@get("/figures/events", include_in_schema=False)
async def events(request: PageRequest, reader: ReaderHere, live: LiveHere) -> ServerSentEvent:
    """Says `figures` when the partner's figures moved past `after`, `ended` after the session."""
    require(reader.principal, Permission.READ_FIGURES)
    after = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    start = int(after) if after.isascii() and after.isdigit() else 0
    return ServerSentEvent(_messages(request, reader, live, start))


async def _messages(
    request: PageRequest, reader: Reader, live: Live, after: int
) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(data=None, comment="follows")
    async for position in live.follow(reader.app, reader.principal.tenant, after):
        if position is not None:
            yield ServerSentEventMessage(event="figures", data=position, id=position)
            continue
        if await reader.app.accounts.principal_of_session(session_token(request) or "") is None:
            yield ServerSentEventMessage(event=ENDED, data=ENDED)
            return
        yield ServerSentEventMessage(data=None, comment="still here")


def choice_of(params: Mapping[str, str]) -> Choice:
    """What the address asks for. Refuses `month_invalid` and `day_invalid`."""
    by = params.get("by")
    month = params.get("month") or None
    return Choice(
        by=by if by in BYS else BYS[0],
        month=str(Month.parse(month)) if month else None,
        cohort=params.get("cohort") or None,
        manager=params.get("manager") or None,
        on=_day(params.get("on")),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal("day_invalid", day=text) from error


async def read_view(reader: Reader, choice: Choice) -> tuple[View, int]:
    """The board, and the position that it shows at least."""
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        position = min(await list_positions(connection, SHOWN))
        newcomers = await list_newcomers(connection)
        scheme = await get_scheme(connection)
    return look(newcomers, choice, reader.today, scheme), position
