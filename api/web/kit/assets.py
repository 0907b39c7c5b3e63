"""The browser's assets as `make setup` made them (`api/web/bundle.mjs`), packed as well as can be.

Every address carries the digest of its content, so a browser keeps it for a year and still gets
the new one after an upgrade.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from api.auth import OPEN

HERE = Path(__file__).resolve().parents[1]
BUILT = HERE / "built"
PACKED = {"br": ".br", "gzip": ".gz"}
"""What browsers call a packing, the best first, and how the file beside the plain one ends."""

KEEP = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A text file as it is sent. packed: by the packing's name, the best first."""

    plain: bytes
    packed: Mapping[str, bytes]
    media_type: str
    digest: str


@dataclass(frozen=True)
class Assets:
    """The texts by name."""

    files: Mapping[str, Asset]

    @classmethod
    def load(cls) -> "Assets":
        """Raises FileNotFoundError while they are not made."""
        plain = [path for path in BUILT.iterdir() if path.suffix not in PACKED.values()]
        return cls({path.name: _read(path) for path in plain})

    def url(self, name: str) -> str:
        return f"/static/{name}?v={self.files[name].digest}"


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    return Asset(
        plain=plain,
        packed={name: Path(f"{path}{ending}").read_bytes() for name, ending in PACKED.items()},
        media_type=f"{guess_type(path.name)[0]}; charset=utf-8",
        digest=hashlib.sha256(plain).hexdigest()[:12],
    )


def asset_route(assets: Assets) -> HTTPRouteHandler:
    """`/static/<name>`."""

    @get("/static/{name:str}", opt={OPEN: True})
    async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        found = assets.files.get(name)
        if found is None:
            raise NotFoundException
        headers = {"Cache-Control": KEEP, "Vary": "Accept-Encoding"}
        accepted = request.headers.get("accept-encoding", "")
        for encoding, packed in found.packed.items():
            if encoding in accepted:
                headers["Content-Encoding"] = encoding
                return Response(packed, media_type=found.media_type, headers=headers)
        return Response(found.plain, media_type=found.media_type, headers=headers)

    return asset
