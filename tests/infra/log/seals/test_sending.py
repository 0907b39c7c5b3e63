"""Head office's address is sent every seal, in order, whatever it answers meanwhile."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from uuid import UUID

import pytest

from infra.log.seal_file import held, path_of
from infra.log.seal_post import SealPost

ONE, OTHER = UUID(int=1), UUID(int=2)


class Address:
    """Takes lines, or answers with the next of `statuses`."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.statuses: list[int] = []
        address = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                line = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = address.statuses.pop(0) if address.statuses else 204
                if status == 204:
                    address.taken.append(line)
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/seals"


@pytest.fixture
def address() -> Iterator[Address]:
    started = Address()
    thread = Thread(target=started.server.serve_forever)
    thread.start()
    yield started
    started.server.shutdown()
    thread.join()
    started.server.server_close()


def filed(data: Path, tenant_id: UUID, *lines: str) -> None:
    with held(data, tenant_id) as file:
        assert file is not None
        file.append(lines)


def test_what_is_new_is_sent_once_also_by_a_process_that_starts(
    tmp_path: Path, address: Address
) -> None:
    filed(tmp_path, ONE, "a", "b")
    filed(tmp_path, OTHER, "x")
    post = SealPost(tmp_path, address.url)
    post.round()
    filed(tmp_path, ONE, "c")
    post.round()
    post.round()
    filed(tmp_path, OTHER, "y")
    SealPost(tmp_path, address.url).round()
    assert address.taken == ["a", "b", "x", "c", "y"]


@pytest.mark.parametrize("status", [302, 307, 400, 503])
def test_a_line_that_was_not_taken_is_sent_again(
    tmp_path: Path, address: Address, status: int
) -> None:
    filed(tmp_path, ONE, "a", "b", "c")
    address.statuses = [204, status]
    post = SealPost(tmp_path, address.url)
    with pytest.raises(HTTPError):
        post.round()
    assert address.taken == ["a"]
    post.round()
    assert address.taken == ["a", "b", "c"]


def test_a_file_in_the_place_of_one_that_was_laid_aside_is_sent_whole(
    tmp_path: Path, address: Address
) -> None:
    filed(tmp_path, ONE, "a", "b")
    SealPost(tmp_path, address.url).round()
    path = path_of(tmp_path, ONE)
    path.rename(path.with_suffix(".aside.jsonl"))
    filed(tmp_path, ONE, "a", "b")
    SealPost(tmp_path, address.url).round()
    assert address.taken == ["a", "b", "a", "b"]
