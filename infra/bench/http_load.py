"""HTTP requests over kept connections, as cheap for the asker as they can be."""

import asyncio
import time
from collections.abc import Callable


class HttpLoad:
    """at_once: connections. seconds: for how long each asks."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._at_once, self._seconds = at_once, seconds

    async def rate(
        self, port: int, method: str, path: str, body: Callable[[], bytes], token: str | None
    ) -> float:
        """Requests per second. Raises RuntimeError for an answer that is no 200 or has errors."""
        started = time.perf_counter()
        until = started + self._seconds
        done = await asyncio.gather(
            *(self._ask(port, method, path, body, token, until) for _ in range(self._at_once))
        )
        return sum(done) / (time.perf_counter() - started)

    async def _ask(
        self,
        port: int,
        method: str,
        path: str,
        body: Callable[[], bytes],
        token: str | None,
        until: float,
    ) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        if token:
            head += f"authorization: Bearer {token}\r\n"
        done = 0
        while time.perf_counter() < until:
            asked = body()
            writer.write(f"{head}content-length: {len(asked)}\r\n\r\n".encode() + asked)
            status, answer = await _answer(reader)
            if status != 200 or b'"errors"' in answer[:200]:
                raise RuntimeError(f"{status} {answer[:500]!r}")
            done += 1
        writer.close()
        return done


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return status, b"".join(parts)
    length = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
    return status, await reader.readexactly(length)
