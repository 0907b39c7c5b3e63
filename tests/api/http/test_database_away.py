"""The doors while the database is stopped, and after it was started again."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from api.cli.failures import error_line
from infra.bootstrap import bootstrap
from infra.database import retries
from infra.database.db import connection_to
from infra.database.migrate import migrate
from infra.database.retries import DatabaseAwayError
from infra.servers.embedded import Embedded
from infra.servers.process import Process
from infra.settings import load_settings
from services.kernel.context import Role
from tests.infra.installation import until

ASKED = {"query": "{ trainees(first: 1) { edges { node { employeeNo } } } }"}
PAGE = {"accept": "text/html", "cookie": "chudan_session=secret"}
SENT = {"csrf": "a", "key": "b", "name": "<王芳>", "employee_no": "E-7"}
ENGLISH = {"accept-language": "en"}


class Site:
    """The application over a PostgreSQL of its own."""

    def __init__(self, embedded: Embedded, http: httpx.AsyncClient, token: str) -> None:
        self._embedded, self.http = embedded, http
        self.bearer = ENGLISH | {"authorization": f"Bearer {token}"}

    @property
    def database(self) -> str:
        return self._embedded.settings.dsn("owner")

    def stop_database(self) -> None:
        self._embedded.processes[0].stop()

    def start_database(self) -> None:
        server = self._embedded.servers[0]
        process = self._embedded.processes[0] = Process(server.program)
        until(lambda: server.is_ready(process))

    async def answers(self) -> dict[str, httpx.Response]:
        return {
            "graphql": await self.http.post("/graphql", json=ASKED, headers=self.bearer),
            "exports": await self.http.get("/exports/trainees.csv", headers=self.bearer),
            "feed": await self.http.get("/feed", headers=self.bearer),
            "page": await self.http.get("/", headers=PAGE),
            "log-in": await self.http.get("/login", headers=PAGE | ENGLISH),
            "form": await self.http.post("/trainees/new?cohort=1", data=SENT, headers=PAGE),
        }


@asynccontextmanager
async def site_at(folder: Path) -> AsyncIterator[Site]:
    settings = load_settings({"CHUDAN_BROKER_URL": "redis://unused"}, data=folder)
    embedded = Embedded(settings, None, durable=False)
    embedded.start()
    try:
        settings = embedded.settings
        await migrate(settings)
        async with bootstrap(settings) as app:
            await app.accounts.create_partner("away", "渠道")
            issued = await app.accounts.issue_token(
                role=Role.TRAINING_MANAGER, partner="away", days=1
            )
        web = create_app(settings)
        async with web.lifespan(), _client(web) as http:
            yield Site(embedded, http, issued.token)
    finally:
        embedded.stop()


def _client(web: Litestar) -> httpx.AsyncClient:
    transport: Any = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_every_door_says_so_and_answers_again_by_itself_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "ASKING", 0.0)
    async with site_at(tmp_path) as site:
        before = {door: answer.status_code for door, answer in (await site.answers()).items()}
        site.stop_database()
        away = await site.answers()
        with pytest.raises(DatabaseAwayError):
            async with connection_to(site.database):
                pass
        ready = await site.http.get("/readyz")
        alive = await site.http.get("/healthz")
        site.start_database()
        after = {door: answer.status_code for door, answer in (await site.answers()).items()}
        ready_again = await site.http.get("/readyz")

    assert after == before
    assert before["graphql"] == before["exports"] == before["feed"] == 200
    for door, answer in away.items():
        assert (door, answer.status_code) == (door, 503)
        assert int(answer.headers["retry-after"]) > 0
    (error,) = away["graphql"].json()["errors"]
    assert "cannot be reached at the moment" in error["message"]
    told = {away["exports"].json()["code"], away["feed"].json()["code"]}
    assert told == {error["extensions"]["code"]} == {"database_gone"}
    assert "暂时无法连接数据库" in away["page"].text
    assert "<main" in away["page"].text
    form = away["form"].text
    assert 'action="/trainees/new?cohort=1"' in form and "<dd>&lt;王芳&gt;</dd>" in form
    sent = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    assert {name: unescape(text) for name, text in sent.items()} == SENT
    assert (ready.status_code, ready.json()["database"]) == (503, "unreachable")
    assert (alive.status_code, ready_again.json()["database"]) == (200, "reachable")


def test_a_command_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for error in (DatabaseAwayError(111, "Connection refused"), OSError(28, "No space left")):
        line = error_line(error)
        is_away = isinstance(error, DatabaseAwayError)
        assert line is not None
        assert ("The database cannot be reached" in line) is is_away
        assert ("No space left" in line) is not is_away
