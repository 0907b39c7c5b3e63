"""Downloads: a partner's own files, and every list as a file, filtered, now or at a moment."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.datastructures import MultiDict
from litestar.params import FromPath
from litestar.response import File, Stream
from strawberry.utils.str_converters import to_camel_case

from api.auth import language_of, system, tenant_member
from api.stated import stated
from domain.kernel.errors import NotFoundError, Refusal
from projections import LISTINGS
from projections.kernel.listing import Listing
from services.jobs.jobs import XLSX
from services.kernel.permissions import Permission, require
from services.reading.export import ExportedList, write_csv, write_xlsx
from services.reading.lists import PERMISSIONS
from services.reading.moment import Moment, day_of, instant_of, known_by, moment_at, position_of
from services.words.texts import read_texts

MEDIA_TYPES = {"csv": "text/csv", "xlsx": XLSX}
NAMED: Mapping[str, Listing[Any]] = {to_camel_case(one.name): one for one in LISTINGS}
"""The lists by their name in GraphQL."""

TIMES = ("happenedBy", "knownBy", "knownByPosition")
PIECE = 64 << 10
"""Bytes that are sent at a time."""


@get("/exports/{name:str}")
async def exports(request: Request[Any, Any, Any], name: FromPath[str]) -> Stream:
    """`/exports/<list>.<csv or xlsx>`, with the list's filters and both times as arguments; the
    list and they are named as in GraphQL.

    Refuses `not_signed_in`, `permission_refused`, `export_unknown`, `filter_unknown`,
    `filter_invalid`, `day_invalid`, `instant_invalid`, and what a moment refuses.
    """
    principal = tenant_member(request)
    word, _, kind = name.rpartition(".")
    listing = NAMED.get(word)
    if listing is None or kind not in MEDIA_TYPES:
        raise NotFoundError("export_unknown", name=name[:100], lists=list(NAMED))
    require(principal, PERMISSIONS[listing.name])
    app, query = system(request), request.query_params
    given = _given(listing, query)
    moment = await moment_at(app.time_travel, principal.tenant, *_times(query))
    exported = ExportedList(
        reader=app.lists(principal.tenant, moment),
        listing=listing,
        given=given,
        say=read_texts(language_of(request)).sentences.get,
        zone=ZoneInfo(principal.zone),
    )
    return await list_file(exported, name, moment)


async def list_file(exported: ExportedList, name: str, moment: Moment | None) -> Stream:
    """A list as a file, to be saved. name: `trainees.csv`."""
    kind = name.rpartition(".")[2]
    pieces = write_csv(exported) if kind == "csv" else _xlsx(exported)
    return Stream(
        _after(await anext(pieces), pieces),
        media_type=MEDIA_TYPES[kind],
        headers=download_headers(_file_name(name, moment)),
    )


async def _after(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces; the first is made before the answer begins, so that a refusal is answered."""
    yield first
    async for piece in pieces:
        yield piece


async def _xlsx(exported: ExportedList) -> AsyncIterator[bytes]:
    with TemporaryFile() as file:
        await write_xlsx(exported, file)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


def _given(listing: Listing[Any], query: MultiDict[str]) -> dict[str, Any]:
    names = {to_camel_case(name): name for name in listing.filters}
    unknown = [name for name in query if name not in (*names, *TIMES)]
    if unknown:
        raise Refusal("filter_unknown", filter=unknown[0][:100])
    twice = [name for name, values in query.dict().items() if len(values) > 1]
    if twice:
        raise Refusal("filter_twice", filter=twice[0])
    return {
        names[name]: stated(names[name], listing.filters[names[name]], text)
        for name, text in query.items()
        if name in names
    }


def _times(query: Mapping[str, str]) -> tuple[date | None, datetime | int | None]:
    day, instant, position = (query.get(name) for name in TIMES)
    return day_of(day), known_by(instant_of(instant), position_of(position))


def _file_name(name: str, moment: Moment | None) -> str:
    return name if moment is None else f"{moment.happened_by or ''}-{moment.position}-{name}"


@get("/files/{file_id:str}")
async def files(request: Request[Any, Any, Any], file_id: FromPath[str]) -> File:
    """The bytes, to be saved and never shown by the browser.

    Refuses `not_signed_in`, `permission_refused` (a file may hold names and figures), and
    `file_unknown` for another partner's as for none.
    """
    principal = tenant_member(request)
    require(principal, Permission.READ_TRAINEES, Permission.READ_FIGURES)
    store = system(request).files
    known = _uuid(file_id)
    file = None if known is None else await store.get_file(principal.tenant, known)
    if file is None:
        raise NotFoundError("file_unknown")
    return File(
        path=store.path(principal.tenant, file),
        media_type=file.media_type,
        etag=None,
        headers=download_headers(file.name),
    )


def download_headers(name: str) -> dict[str, str]:
    """The headers of a download: saved under the name, never shown or kept by the browser."""
    return {
        "content-disposition": disposition(name),
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }


def disposition(name: str) -> str:
    """`attachment` with the name, also for clients that know only ASCII (RFC 6266, RFC 5987)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
