"""GraphiQL, the page for trying out queries; its scripts and styles are our own files alone."""

from html import escape

from litestar import MediaType, Response

from api.web.kit.assets import Assets
from api.web.kit.cookies import HttpConnection, csrf_token, session_token

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""GraphiQL writes style elements as it runs; scripts come from our files alone."""


class Ide:
    """The page; one per application."""

    def __init__(self, assets: Assets) -> None:
        self._before = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>GraphiQL</title>'
            f'<link rel="icon" href="{assets.url("icon.svg")}">'
            f'<link rel="stylesheet" href="{assets.url("ide.css")}"></head><body>'
            f'<div id="ide" data-csrf="'
        )
        self._after = f'"></div><script src="{assets.url("ide.js")}"></script></body></html>'

    def page(self, connection: HttpConnection) -> Response[str]:
        """The CSRF token stands in the page, since what it asks goes with the session's cookie."""
        secret = session_token(connection)
        token = csrf_token(secret) if secret else ""
        html = f"{self._before}{escape(token)}{self._after}"
        headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
        return Response(html, media_type=MediaType.HTML, headers=headers)
