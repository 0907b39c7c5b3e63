"""An HTTP server of a test's own, in threads, that answers by a function."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request. query, form: of the address and of a body that is a form. headers: by names in
    small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Answer(NamedTuple):
    """body: bytes, or what becomes JSON; None where nothing is answered while the server runs."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


@contextmanager
def serving(answered: Callable[[Asked], Answer]) -> Iterator[str]:
    """The address of a server on `localhost`, while this lasts."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            query = dict(parse_qsl(parts.query))
            answer = answered(Asked(self.command, parts.path, query, headers, body))
            if answer.body is None:
                over.wait()
                return
            body = answer.body if isinstance(answer.body, bytes) else _json(answer.body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Whoever asked left, as is meant."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
