"""The benchmark of the doors: what is asked is answered, and what is missing is left out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.bench import doors, pages
from infra.bench.measure import LeftOutError
from infra.bench.place import Bench, place
from infra.bench.postgraphile import postgraphile
from infra.bench.serving import (
    CHUDAN,
    GUARDED,
    HANDLER,
    RepeatedRequest,
    answer,
    load,
    request,
    served,
)

ANOTHER = {"": "", "n": "1"}


@pytest.fixture(scope="module")
async def bench() -> AsyncIterator[Bench]:
    """Servers of its own, and a partner of a few people."""
    with pytest.MonkeyPatch.context() as few:
        few.setattr(doors, "PEOPLE", 60)
        few.setattr(pages, "PEOPLE", 60)
        few.setattr(Bench, "size", lambda *_: 2)
        async with place(rounds=1, quick=True) as bench:
            yield bench


async def answered(port: int, asked: RepeatedRequest, token: str) -> tuple[int, str]:
    body = asked.body.replace("@", ANOTHER.get(asked.each, str(doors.FIRST_DAY)))
    header = f"authorization: Bearer {token}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(asked.method, asked.path, body.encode(), header))
    status, content = await answer(reader)
    writer.close()
    return status, content.decode()


async def test_each_server_answers_what_it_is_asked(bench: Bench) -> None:
    principal = await doors.partner(bench)
    token = await bench.token(principal)
    operations = doors.operations(principal, str(bench.app.clock().date()))
    async with (
        served(bench, CHUDAN, {}) as ours,
        served(bench, HANDLER, {}) as by_hand,
        served(bench, GUARDED, {}) as housed,
    ):
        ports = {doors.OURS: ours, doors.BY_HAND: by_hand, doors.HOUSED: housed}
        for asked, _ in operations.values():
            for who in ports.keys() & asked.keys():
                status, content = await answered(ports[who], asked[who], token)
                assert status == 200, content
                assert '"errors":[{' not in content


async def test_every_page_is_timed_of_one_state_and_after_a_change(bench: Bench) -> None:
    figures = await pages.run(bench)
    assert len(figures) == 4 * len(pages.PAGES)
    assert all(figure.value > 0 for figure in figures)


async def test_without_a_load_generator_no_door_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LeftOutError, match="wrk"):
        await load(1, RepeatedRequest("GET", "/"), "token", first=0, at_once=1, seconds=1)


async def test_a_peer_that_cannot_be_fetched_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    bench: Bench,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    async with postgraphile(bench) as port:
        assert port is None
    assert "left out: PostGraphile" in capsys.readouterr().err
