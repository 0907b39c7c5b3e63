"""`python -m tests.api.http.served PORT`: the HTTP server before an application that answers
everything, with room for few connections and little patience."""

import sys

from litestar.types import ASGIApp, Receive, Scope, Send

from api.http.server import serve_http

CONNECTIONS = 4


def create_app() -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


if __name__ == "__main__":
    port = int(sys.argv[1])
    serve_http(
        f"{__spec__.name}:create_app",
        "127.0.0.1",
        port,
        workers=1,
        connections=CONNECTIONS,
        header_seconds=1,
    )
