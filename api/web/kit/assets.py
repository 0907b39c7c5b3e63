"""The browser's assets: our own files and those of the npm packages.

Every address carries the digest of its content, so a browser keeps it for a year and still gets
the new one after an upgrade. Texts are kept packed in memory; fonts are read from disk.
"""

import gzip
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
from litestar.router import Router
from litestar.static_files import create_static_files_router

HERE = Path(__file__).resolve().parents[1]
PACKAGES = HERE / "node_modules"
FONT = PACKAGES / "@fontsource-variable/noto-sans-sc"
FILES: Mapping[str, Path] = {
    "chudan.css": HERE / "static/chudan.css",
    "chudan.js": HERE / "static/chudan.js",
    "charts.js": HERE / "static/charts.js",
    "icon.svg": HERE / "static/icon.svg",
    "pico.css": PACKAGES / "@picocss/pico/css/pico.min.css",
    "htmx.js": PACKAGES / "htmx.org/dist/htmx.min.js",
    "sse.js": PACKAGES / "htmx-ext-sse/dist/sse.min.js",
    "echarts.js": PACKAGES / "echarts/dist/echarts.min.js",
    "cally.js": PACKAGES / "cally/dist/cally.js",
    "font.css": FONT / "index.css",
    "react.js": PACKAGES / "react/umd/react.production.min.js",
    "react-dom.js": PACKAGES / "react-dom/umd/react-dom.production.min.js",
    "graphiql.js": PACKAGES / "graphiql/graphiql.min.js",
    "graphiql.css": PACKAGES / "graphiql/graphiql.min.css",
    "ide.js": HERE / "static/ide.js",
    "ide.css": HERE / "static/ide.css",
}
KEEP = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A text file as it is sent."""

    packed: bytes
    plain: bytes
    media_type: str
    digest: str


@dataclass(frozen=True)
class Assets:
    """The texts by name. Raises FileNotFoundError while the npm packages are not installed."""

    files: Mapping[str, Asset]

    @classmethod
    def load(cls) -> "Assets":
        return cls({name: _read(path) for name, path in FILES.items()})

    def url(self, name: str) -> str:
        return f"/static/{name}?v={self.files[name].digest}"


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    return Asset(
        packed=gzip.compress(plain, mtime=0),
        plain=plain,
        media_type=f"{media_type}; charset=utf-8",
        digest=hashlib.sha256(plain).hexdigest()[:12],
    )


def asset_routes(assets: Assets) -> list[HTTPRouteHandler | Router]:
    """`/static/<name>`, and the font's slices beside its style sheet."""

    @get("/static/{name:str}")
    async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        found = assets.files.get(name)
        if found is None:
            raise NotFoundException
        packs = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": KEEP, "Vary": "Accept-Encoding"}
        if packs:
            headers["Content-Encoding"] = "gzip"
        content = found.packed if packs else found.plain
        return Response(content, media_type=found.media_type, headers=headers)

    fonts = create_static_files_router(
        path="/static/files",
        directories=[FONT / "files"],
        cache_control=None,
    )
    return [asset, fonts]
