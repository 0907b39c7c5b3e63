"""Downloads: a partner's own files, and every list as a file, filtered, now or at a moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date
from functools import partial
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.datastructures import MultiDict
from litestar.params import FromPath
from litestar.response import File, Stream
from strawberry.utils.str_converters import to_camel_case

from api.auth import language_of, system, tenant_member
from api.needs import OF_NAMED
from api.stated import stated
from domain.kernel.errors import NotFoundError, Refusal
from infra.bootstrap import App
from projections import LISTINGS
from projections.kernel.listing import Listing
from services.jobs.jobs import XLSX, own_file
from services.kernel.context import Principal
from services.reading.export import ExportedList, Occasion, write_csv, write_xlsx
from services.reading.moment import Moment, day_of, instant_of, known_by, position_of
from services.reading.ports import KnownBy
from services.reading.purviews import PERMISSIONS
from services.words.texts import Texts, read_texts

MEDIA_TYPES = {"csv": "text/csv", "xlsx": XLSX}
NAMED: Mapping[str, Listing[Any]] = {to_camel_case(one.name): one for one in LISTINGS}
"""The lists by their name in GraphQL."""

TIMES = ("happenedBy", "knownBy", "knownByPosition")
PIECE = 64 << 10
"""Bytes that are sent at a time."""


@get("/exports/{name:str}", opt=OF_NAMED)
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
    principal.require(PERMISSIONS[listing.name])
    query, texts = request.query_params, read_texts(language_of(request))
    given, times = _given(listing, query), _times(query)
    return await list_file(system(request), principal, listing, given, times, texts, kind)


async def list_file(
    app: App,
    principal: Principal,
    listing: Listing[Any],
    given: dict[str, Any],
    times: tuple[date | None, KnownBy],
    texts: Texts,
    kind: str,
) -> Stream:
    """A list as a file, to be saved. given: its filters. times: the two. kind: `csv` or `xlsx`."""
    _, known = times
    moment = await app.times.moment(principal, *times)
    occasion = await occasion_of(app, principal, texts, moment, known)
    exported = ExportedList(app.lists(principal, moment), listing, given, texts, occasion)
    pieces = write_csv(exported) if kind == "csv" else written(partial(write_xlsx, exported))
    named = (f"{one}.{kind}" for one in (exported.file_name, exported.plain_name))
    return await streamed(pieces, kind, *named)


async def occasion_of(
    app: App,
    principal: Principal,
    texts: Texts,
    moment: Moment | None = None,
    known: KnownBy = None,
) -> Occasion:
    """The circumstances in which somebody asks for a file. moment, known: as of Occasion."""
    called = await app.accounts.called(principal.tenant, [principal.actor], texts)
    partner = await app.accounts.organisation_of(principal.tenant)
    who = called[principal.actor]
    return Occasion(partner.name, who, app.clock(), ZoneInfo(principal.zone), moment, known)


async def streamed(pieces: AsyncIterator[bytes], kind: str, *named: str) -> Stream:
    """A file that is sent while it is made, to be saved. named: as `download_headers` takes it."""
    return Stream(
        _after(await anext(pieces), pieces),
        media_type=MEDIA_TYPES[kind],
        headers=download_headers(*named),
    )


async def _after(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces; the first is made before the answer begins, so that a refusal is answered."""
    yield first
    async for piece in pieces:
        yield piece


async def written(write: Callable[[BinaryIO], Awaitable[None]]) -> AsyncIterator[bytes]:
    """What is written into a file, piece by piece."""
    with TemporaryFile() as file:
        await write(file)
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


def _times(query: Mapping[str, str]) -> tuple[date | None, KnownBy]:
    day, instant, position = (query.get(name) for name in TIMES)
    return day_of(day), known_by(instant_of(instant), position_of(position))


@get("/files/{file_id:str}", opt=OF_NAMED)
async def files(request: Request[Any, Any, Any], file_id: FromPath[str]) -> File:
    """The bytes, to be saved and never shown by the browser.

    Refuses `not_signed_in`, and `file_unknown` for one that somebody may not read as for another
    partner's and for none.
    """
    principal, store = tenant_member(request), system(request).files
    file = await own_file(principal, store, uuid_of(file_id))
    return File(
        path=store.path(principal.tenant, file),
        media_type=file.media_type,
        etag=None,
        headers=download_headers(file.name),
    )


def download_headers(name: str, plain: str = "") -> dict[str, str]:
    """The headers of a download: saved under the name, never shown or kept by the browser. plain:
    the name for clients that know only ASCII."""
    return {
        "content-disposition": disposition(name, plain),
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }


def disposition(name: str, plain: str = "") -> str:
    """`attachment` with the name, also for clients that know only ASCII (RFC 6266, RFC 5987)."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in plain or name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
