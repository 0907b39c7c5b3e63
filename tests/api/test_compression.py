"""What travels packed, and what is left as it is."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from litestar.types import Message

from api.compression import COMPRESSION, TextCompression
from tests.api.door import Door

SMALL = {"query": "{ me { role } }"}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", None)],
)
async def test_a_long_text_travels_as_small_as_the_asker_can_read_it(
    door: Door, accepted: str, encoding: str | None
) -> None:
    answer = await asked(door, "/graphql/schema", accepted)
    assert answer.headers.get("content-encoding") == encoding
    sent, whole = int(answer.headers["content-length"]), len(answer.content)
    assert sent < whole / 4 if encoding else sent == whole
    assert "type Query" in answer.text


async def test_a_short_answer_is_sent_as_it_is(door: Door) -> None:
    headers = door.headers | {"accept-encoding": "br"}
    short = await door.http.post("/graphql", json=SMALL, headers=headers)
    assert "content-encoding" not in short.headers
    long = {"query": "{ __schema { types { name description } } }"}
    answer = await door.http.post("/graphql", json=long, headers=headers)
    assert answer.headers["content-encoding"] == "br"
    assert "accept-encoding" in answer.headers["vary"].lower()


async def test_a_list_is_packed_as_csv_and_left_alone_as_a_workbook(door: Door) -> None:
    csv = await asked(door, "/exports/trainees.csv", "br")
    assert csv.headers["content-encoding"] == "br"
    assert csv.text.startswith("\ufeff")
    workbook = await asked(door, "/exports/trainees.xlsx", "br")
    assert "content-encoding" not in workbook.headers
    assert ZipFile(BytesIO(workbook.content)).testzip() is None


async def test_an_event_is_sent_when_it_happens_and_as_it_is() -> None:
    sent: list[Any] = []

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            event = {"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True}
            await send(event)
            assert len(sent) == number + 2
            assert sent[-1] == event
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def take(message: Message) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "headers": [(b"accept-encoding", b"br")], "state": {}}
    await TextCompression(stream, COMPRESSION)(scope, _nothing, take)
    assert len(sent) == 5
    assert sent[0]["headers"] == [(b"content-type", b"text/event-stream; charset=utf-8")]


async def asked(door: Door, path: str, accepted: str) -> httpx.Response:
    return await door.http.get(path, headers=door.headers | {"accept-encoding": accepted})


async def _nothing() -> Any:
    return {"type": "http.disconnect"}
