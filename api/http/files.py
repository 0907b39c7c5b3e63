"""Downloads: a partner's own files, nobody else's."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import File

from api.auth import system, tenant_member
from domain.kernel.errors import NotFoundError
from services.kernel.permissions import Permission, require


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
