"""Head office's address is sent every seal, in order, whatever it answers meanwhile."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
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
def test_a_line_that_was_not_taken_is_sent_again_and_keeps_nobody_elses(
    tmp_path: Path, address: Address, status: int
) -> None:
    filed(tmp_path, ONE, "a", "b", "c")
    address.statuses = [204, status]
    filed(tmp_path, OTHER, "x")
    post = SealPost(tmp_path, address.url)
    post.round()
    assert address.taken == ["a", "x"]
    post.round()
    assert address.taken == ["a", "x", "b", "c"]


@pytest.mark.parametrize("lines", [["a", "b"], ["c", "d", "e"], ["a"], ["longer", "lines"]])
def test_a_file_in_the_place_of_another_is_sent_whole_whatever_its_inode(
    tmp_path: Path, address: Address, lines: list[str]
) -> None:
    filed(tmp_path, ONE, "a", "b")
    SealPost(tmp_path, address.url).round()
    path = path_of(tmp_path, ONE)
    path.write_bytes(b"")
    filed(tmp_path, ONE, *lines)
    SealPost(tmp_path, address.url).round()
    # One that says the same has nothing new.
    assert address.taken == ["a", "b", *(lines if lines != ["a", "b"] else [])]
