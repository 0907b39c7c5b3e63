"""Servers under load: each a process on a port of its own, asked over HTTP.

What takes microseconds is asked by wrk, which leaves the cores to the servers; what takes
milliseconds may be asked from here.
"""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from infra.bench.measure import LeftOutError
from infra.bench.place import Bench

SCRIPT = Path(__file__).with_name("asking.lua")
BEARER_VARIABLE = "CHUDAN_BENCH_TOKEN"
"""The variable by which a program learns it: arguments are for everybody on the machine to see."""
PYTHON = (sys.executable, "-P", "-m")
CHUDAN = (*PYTHON, "api.cli", "api")
"""The product's server."""

GRANIAN = (*PYTHON, "granian", "--interface", "asgi", "--log-level", "warning", "--factory")
HANDLER = (*GRANIAN, "infra.bench.handler:create_app")
"""The one that is written by hand."""

GUARDED = (*GRANIAN, "infra.bench.handler:create_guarded_app")
"""The same with what every answer of the product has around it."""


@asynccontextmanager
async def served(
    bench: Bench, argv: Sequence[str], variables: Mapping[str, str]
) -> AsyncIterator[int]:
    """A server process; answers its port. variables: of its environment, beside the bench's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {**os.environ, **bench.app.settings.environment, **variables}
    with (bench.app.settings.data / f"server-{port}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv, "--port", str(port), env=environment, stdout=log, stderr=log
        )
        try:
            await _listening(port, process)
            yield port
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError(f"the server ended with {process.returncode}; its log tells why")


class RepeatedRequest(msgspec.Struct, frozen=True):
    """A request that is sent again and again.

    body: in which `@` stands for what is another one each time. each: that, in Lua, of the number
    `n` of the request.
    """

    method: str
    path: str
    body: str = ""
    each: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """What became of the requests of some seconds. refused: those that were answered otherwise than
    with a 200 without errors. p50, p95: milliseconds."""

    requests: int
    seconds: float
    refused: int
    p50: float
    p95: float


async def load(
    port: int, asked: RepeatedRequest, token: str, *, first: int, at_once: int, seconds: int
) -> Loaded:
    """Has wrk ask over so many kept connections. first: the number of the first request.

    Raises LeftOutError where there is no wrk, RuntimeError for an answer that was refused.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise LeftOutError("there is no wrk (on Debian: apt-get install wrk)")
    argv = ["-t1", f"-c{at_once}", f"-d{seconds}s", "-s", str(SCRIPT)]
    argv += [f"http://127.0.0.1:{port}{asked.path}", "--", asked.method, asked.body]
    process = await asyncio.create_subprocess_exec(
        *(wrk, *argv, asked.each, str(first)),
        env={**os.environ, BEARER_VARIABLE: token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(output.decode())
    *_, told, result = output.decode().splitlines()
    loaded = msgspec.json.decode(result, type=Loaded)
    if loaded.refused:
        raise RuntimeError(f"{asked.path}: {loaded.refused} requests were refused: {told}")
    return loaded


def request(method: str, path: str, body: bytes = b"", header: str = "") -> bytes:
    """A request as it goes over the wire. header: lines that end as HTTP has it."""
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    return f"{head}{header}content-length: {len(body)}\r\n\r\n".encode() + body


class KeptConnection:
    """Over which somebody asks GraphQL again and again."""

    def __init__(
        self, token: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader, self._writer = reader, writer
        self._header = f"authorization: Bearer {token}\r\n"

    @classmethod
    async def connect(cls, port: int, token: str) -> "KeptConnection":
        return cls(token, *await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, *documents: str, **variables: Any) -> bytes:
        """The answers of a batch. variables: of each document. Raises RuntimeError for another
        status than 200."""
        batch = [{"query": document, "variables": variables} for document in documents]
        body = msgspec.json.encode(batch)
        self._writer.write(request("POST", "/graphql", body, self._header))
        status, found = await answer(self._reader)
        if status != 200:
            raise RuntimeError(f"{status} {found[:500]!r}")
        return found


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)
