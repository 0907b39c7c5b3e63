"""Answers travel packed where that saves something: texts of a kilobyte or more.

Streams of events stay live, and what is packed by itself (workbooks, assets) is left alone. What a
page repeats in every answer and nobody else may know must be masked, see `api/web/kit/cookies.py`.
"""

from typing import Any

from litestar.config.compression import CompressionConfig
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import HTTPResponseStartEvent, Message, Scope, Send

TEXTS = frozenset(
    {
        b"application/graphql-response+json",
        b"application/json",
        b"text/csv",
        b"text/html",
        b"text/plain",
    }
)
"""Media types; what is of another one is sent as it is."""


class TextCompression(CompressionMiddleware):
    """Compresses by what the answer is, which an address does not tell."""

    def create_compression_send_wrapper(
        self, send: Send, compression_encoding: Any, scope: Scope
    ) -> Send:
        create = super().create_compression_send_wrapper
        start: HTTPResponseStartEvent | None = None
        chosen: Send | None = None

        async def choosing(message: Message) -> None:
            nonlocal start, chosen
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None and message["type"] == "http.response.body":
                long = message.get("more_body") or len(message["body"]) >= self.config.minimum_size
                packs = long and _is_text(start)
                chosen = create(send, compression_encoding, scope) if packs else send
                await chosen(start)
                start = None
            await (chosen or send)(message)

        return choosing


COMPRESSION = CompressionConfig(
    backend="brotli",
    brotli_quality=4,
    gzip_compress_level=4,
    minimum_size=1_000,
    middleware_class=TextCompression,
)
"""Brotli takes 3 ms for a megabyte of a page; at its next level 24 ms for 8% fewer bytes."""


def _is_text(start: HTTPResponseStartEvent) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip()
    return media_type in TEXTS and b"content-encoding" not in headers
