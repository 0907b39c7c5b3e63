"""The HTTP server itself: what becomes of connections on which nothing comes."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from infra.servers.connections import (
    FILES_NEEDED,
    MOST_CONNECTIONS,
    connections_within,
    missing_files,
)
from tests.api.http import served
from tests.infra.installation import free_port, status, until

IDLE = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"
PATIENCE = 30
"""Seconds after which a test gives up."""


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-P", "-m", served.__name__, str(port)])
    try:
        until(lambda: status(port, "/") == 200)
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture
def port(serving: tuple[psutil.Process, int]) -> int:
    return serving[1]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(IDLE[:20], id="half a head"),
        pytest.param(b"PRI * HT", id="half of what HTTP/2 begins with"),
        pytest.param(IDLE, id="a request, and nothing after it"),
    ],
)
def test_connections_that_take_every_place_are_closed_and_the_next_is_answered(
    port: int, said: bytes
) -> None:
    connections = [
        socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(served.CONNECTIONS)
    ]
    for connection in connections:
        connection.sendall(said)
    assert status(port, "/") == 200
    for connection in connections:
        with connection:
            while connection.recv(1 << 12):
                pass


def test_a_worker_that_was_killed_is_replaced_and_the_next_is_answered(
    serving: tuple[psutil.Process, int],
) -> None:
    server, port = serving
    [killed] = server.children()
    killed.kill()
    until(lambda: killed not in server.children())
    until(lambda: status(port, "/") == 200)


def test_as_many_connections_are_held_as_there_are_files_for() -> None:
    assert connections_within(FILES_NEEDED) == MOST_CONNECTIONS > 6_000
    assert missing_files(FILES_NEEDED) is None
    assert connections_within(1_024) == 512
    assert connections_within(100) == 50
    told = missing_files(4_096)
    assert told is not None
    assert (told.code, told.params["most"]) == ("files_limited", 3_584)
