"""The doors while the database is stopped or its disk is full, and afterwards."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import dramatiq
import httpx
import pytest
import structlog
from litestar import Litestar

from api.app import create_app
from api.cli.failures import error_line
from infra.access import accounts
from infra.bootstrap import App, bootstrap
from infra.database import retries
from infra.database.db import connection_to
from infra.database.migrate import migrate
from infra.database.retries import DatabaseAwayError
from infra.readside import projector
from infra.servers.checks import examine
from infra.servers.embedded import Embedded
from infra.servers.environment import SettingsError
from infra.servers.process import Process
from infra.settings import (
    SECRET_KEY,
    Settings,
    keep_new_key,
    load_settings,
    prepare_folder,
)
from infra.work.broker import BrokerAwayError, make_broker, send
from projections import PROJECTIONS
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.door import Door
from tests.infra import disk as disks
from tests.infra.disk import Disk
from tests.infra.installation import superuser_url, until
from tests.place import ROSTER

disk = disks.disk

ASKED = {"query": "{ trainees(first: 1) { edges { node { employeeNo } } } }"}
PAGE = {"accept": "text/html", "cookie": "chudan_session=secret"}
SENT = {"csrf": "a", "key": "b", "name": "<王芳>", "employee_no": "E-7"}
ENGLISH = {"accept-language": "en"}
OPEN = """
    mutation { openCohort(input: {code: "C-%s", name: "%s", openedOn: "2026-05-01"}) { position } }
"""

WITHOUT_ROOM = """
    create function no_room() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
    create trigger no_room before insert on events execute function no_room();
    create trigger no_room before insert on jobs execute function no_room();
    create trigger no_room before update on checkpoints execute function no_room();
"""
"""Has the tables that the doors and the projector write say what they say without room."""


class Site:
    """The application over a PostgreSQL of its own."""

    def __init__(self, embedded: Embedded, http: httpx.AsyncClient, token: str) -> None:
        self._embedded, self.http = embedded, http
        self.settings = embedded.settings
        self.bearer = ENGLISH | {"authorization": f"Bearer {token}"}

    def stop_database(self) -> None:
        self._embedded.processes[0].stop()

    def start_database(self) -> None:
        server = self._embedded.servers[0]
        process = self._embedded.processes[0] = Process(server.program)
        until(lambda: server.is_ready(process))

    async def begin_log_file(self) -> None:
        """Has the database begin another file of its write-ahead log, whose room it has then."""
        async with connection_to(superuser_url(self.settings)) as connection:
            await connection.execute("select pg_switch_wal()")

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
async def site_at(folder: Path, **told: str) -> AsyncIterator[Site]:
    settings = load_settings(told, data=folder)
    embedded = Embedded(settings, None, durable=False)
    embedded.start()
    try:
        settings = embedded.settings
        await migrate(settings)
        async with bootstrap(settings) as app:
            partner = await app.accounts.create_partner("away", "渠道")
            # Whose read models are not built is waited for, unless it has only just joined.
            await projector.catch_up(app, partner.tenant_id)
            issued = await app.tokens.issue(role=Role.TRAINING_MANAGER, partner="away", days=1)
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
    # However long a stop takes, who asks is known: else every door says so before its own work.
    monkeypatch.setattr(accounts, "RESOLVED_SECONDS", 600.0)
    async with site_at(tmp_path, CHUDAN_BROKER_URL="redis://unused") as site:
        before = {door: answer.status_code for door, answer in (await site.answers()).items()}
        site.stop_database()
        away = await site.answers()
        with pytest.raises(DatabaseAwayError):
            async with connection_to(site.settings.dsn("owner")):
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
    assert (ready.status_code, ready.json()["code"]) == (503, "database_gone")
    assert (alive.status_code, ready_again.json()["status"]) == (200, "ready")


def test_a_command_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for error in (DatabaseAwayError(111, "Connection refused"), OSError(13, "Not permitted")):
        line = error_line(error)
        is_away = isinstance(error, DatabaseAwayError)
        assert line is not None
        assert ("The database cannot be reached" in line) is is_away
        assert ("permission is lacking" in line) is not is_away
    assert "has locked what" in (error_line(asyncpg.LockNotAvailableError()) or "")


def _is_sent(broker: dramatiq.Broker) -> bool:
    try:
        send(broker, uuid4(), uuid4())
    except BrokerAwayError:
        return False
    return True


async def _opened(http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    """Opens a cohort."""
    asked = {"query": OPEN % (uuid4().hex[:12], "批" * 100)}
    return await http.post("/graphql", json=asked, headers=headers)


async def _sent(http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    """Sends a roster."""
    files = {"file": ("花名册.xlsx", ROSTER.read_bytes())}
    return await http.post("/imports", files=files, headers=headers)


async def _caught_up(app: App, tenant_id: UUID) -> None:
    await app.wait_for(tenant_id, PROJECTIONS, await app.log.position(tenant_id))


async def test_in_a_database_without_room_doors_say_so_and_all_goes_on_by_itself_afterwards(
    app: App, database: Settings, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    opened, sent = partial(_opened, http, door.headers), partial(_sent, http, door.headers)
    async with connection_to(database.dsn("owner")) as owner:
        await owner.execute(WITHOUT_ROOM)
        try:
            command, upload = await opened(), await sent()
        finally:
            await owner.execute("drop function no_room cascade")
    assert (await opened()).json()["data"]
    assert (await sent()).status_code == 202
    await _caught_up(app, partner.tenant_id)
    (error,) = command.json()["errors"]
    assert (error["extensions"]["code"], upload.json()["code"]) == ("disk_full", "disk_full")
    assert upload.status_code == 503


async def test_on_a_full_disk_every_door_says_so_and_all_goes_on_by_itself_afterwards(
    disk: Disk,
) -> None:
    if not disk.is_small:
        pytest.skip("this account may mount no disk")
    async with site_at(disk.folder / "var") as site, bootstrap(site.settings) as app:
        opened, sent = (
            partial(_opened, site.http, site.bearer),
            partial(_sent, site.http, site.bearer),
        )
        broker = make_broker(site.settings.broker_url)

        async def refused() -> Any:
            while not (answer := await opened()).json().get("errors"):
                pass
            return answer

        await site.begin_log_file()
        assert (await opened()).json()["data"]
        disk.fill()
        command, upload = await refused(), await sent()
        ready = await site.http.get("/readyz")
        with pytest.raises(BrokerAwayError):
            for _ in range(1_000):
                send(broker, uuid4(), uuid4())
        prepare_folder(site.settings.data)  # As every command does: it tells of the rest.
        full = {one.check: one.problem for one in await examine(site.settings)}
        with pytest.raises(SettingsError) as kept:
            keep_new_key(site.settings.data, SECRET_KEY)
        with structlog.testing.capture_logs() as logged:
            following = asyncio.ensure_future(projector.run(app))
            while "turn_waits" not in {line["event"] for line in logged}:
                await asyncio.wait({following}, timeout=0.1)
        assert not following.done()
        disk.empty()
        assert (await opened()).json()["data"] and (await sent()).status_code == 202
        until(lambda: _is_sent(broker))
        await _caught_up(app, (await app.accounts.partner("away")).tenant_id)
        ready_again = await site.http.get("/readyz")
        space = next(one for one in await examine(site.settings) if one.check == "space")
        following.cancel()
        await asyncio.wait({following})
        broker.close()

    (error,) = command.json()["errors"]
    codes = (error["extensions"]["code"], upload.json()["code"], kept.value.code)
    assert {*codes} == {"disk_full"}
    assert "disk is full" in error["message"]
    assert (upload.status_code, ready.status_code) == (503, 503)
    assert ready.json()["code"] == "disk_full"
    assert (ready_again.status_code, ready_again.json()["status"]) == (200, "ready")
    told = {word: problem.code for word, problem in full.items() if problem}
    assert told == {
        "space": "data_folder_full",
        "database": "disk_full",
        "broker": "disk_full",
    }
    assert space.found.startswith(f"{site.settings.data} 1")
