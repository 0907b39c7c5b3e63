"""The partner's figures board, and the stream that keeps it live."""

from collections.abc import AsyncIterator

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.web.kit.charts import chart
from api.web.kit.cookies import session_token
from api.web.kit.live import Live
from api.web.kit.pages import PageRequest
from api.web.kit.reader import Reader
from api.web.kit.sight import PagesHere, ReaderHere, filters, groups, look_at, show
from api.web.pages.board_view import look
from domain.kpi.catalog import HEADLINES, NEWCOMER_FIGURES
from domain.kpi.group import BYS
from services.kernel.permissions import Permission, require

ENDED = "ended"
"""The event after which a page asks again, and is sent to the log-in."""

LiveHere = NamedDependency[SkipValidation[Live]]


@get("/", include_in_schema=False)
async def board_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The board, or for htmx only what changes in it."""
    sight = await look_at(request, reader)
    whole = groups(sight, NEWCOMER_FIGURES)
    view = look(sight, whole)
    wording = pages.wording(request, reader.principal.zone)
    return show(
        request,
        pages,
        reader,
        sight,
        "board",
        filters(sight, whole, wording),
        view=view,
        bys=BYS,
        catalog=HEADLINES,
        charts=[(kpi, chart(kpi, view.lines, wording)) for kpi in view.drawn],
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
