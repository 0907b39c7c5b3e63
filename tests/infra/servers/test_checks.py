"""What the doctor looks at, without an installation, and what a start waits for."""

import asyncio
import errno
import os
import socket
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from infra.bootstrap import bootstrap
from infra.database import db, retries
from infra.servers import checks
from infra.servers.checks import OLDEST_POSTGRES, _modes, _processes, check_database
from infra.servers.data_folder import RUNTIME, Runtime, hold
from infra.servers.embedded import Embedded, connected
from infra.servers.process import ServerError
from infra.servers.reasons import why
from infra.servers.watchdog import VARIABLE
from infra.settings import Settings, load_settings
from services.words.texts import LOCALES, read_texts
from tests.infra.archives.backups import empty_database


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "var"
    made.mkdir(mode=0o700)
    return made


def test_tells_what_others_may_look_into(data: Path) -> None:
    (data / "log").mkdir(mode=0o700)
    for path in (data / "secret_key", data / "log" / "redis.log"):
        path.touch()
        path.chmod(0o640)
    with pytest.raises(Refusal) as refused:
        _modes(data)
    paths = [str(data / "secret_key"), str(data / "log" / "redis.log")]
    assert (refused.value.code, refused.value.params["paths"]) == ("data_folder_open", paths)


def test_tells_of_a_link_only_where_others_may_look_into_what_it_leads_to(
    data: Path, tmp_path: Path
) -> None:
    kept, gone = tmp_path / "elsewhere", tmp_path / "gone"
    kept.touch(mode=0o600)
    kept.chmod(0o600)
    (data / "files").symlink_to(kept)
    (data / "accounts.json").symlink_to(gone)
    _modes(data)
    kept.chmod(0o644)
    with pytest.raises(Refusal) as refused:
        _modes(data)
    assert refused.value.params["paths"] == [str(data / "files")]


def test_tells_what_is_away_while_serve_runs_and_that_nothing_runs_else(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHUDAN_DATABASE_URL", raising=False)

    def noted() -> str | None:
        note = _processes(data)
        return note and note.code

    # Left by one that was killed, whose id another process got.
    serves = Runtime(os.getpid(), "", "", is_lasting=True, away=("worker",))
    tell(data, serves)
    assert noted() == "processes_none"
    with hold(data) as lock:
        assert lock is not None
        assert noted() == "processes_none"
        tell(data, replace(serves, is_lasting=False))  # A command that runs the servers.
        assert noted() == "processes_none"
        tell(data, serves)
        with pytest.raises(Refusal) as refused:
            _processes(data)
        assert (refused.value.code, refused.value.params["names"]) == ("processes_away", ["worker"])
        tell(data, replace(serves, away=()))
        assert noted() is None
    monkeypatch.setenv("CHUDAN_DATABASE_URL", "postgresql://elsewhere/chudan")
    assert noted() == "processes_elsewhere"


def test_links_that_a_command_makes_begin_where_serve_serves_unless_the_environment_says_where(
    tmp_path: Path,
) -> None:
    servers = {"CHUDAN_DATABASE_URL": "postgresql://db/chudan", "CHUDAN_BROKER_URL": "redis://b"}
    named = servers | {"CHUDAN_ADDRESS": "https://chudan.example"}

    def origin(env: dict[str, str]) -> str:
        with connected(load_settings(env, data=tmp_path)) as settings:
            return settings.origin

    assert origin(servers) == "http://localhost:8000"
    serves = load_settings(servers, data=tmp_path, host="::", port=8655)
    with hold(tmp_path, lasting=True) as lock:
        Embedded(serves, lock).tell(lasting=True)
        assert origin(servers) == "http://localhost:8655"
        assert origin(named) == "https://chudan.example"
    assert origin(servers) == "http://localhost:8000"
    elsewhere = load_settings(servers, data=tmp_path, host="2001:db8::1", port=80)
    assert elsewhere.origin == "http://[2001:db8::1]:80"


def tell(data: Path, runtime: Runtime) -> None:
    (data / RUNTIME).write_bytes(msgspec.json.encode(runtime))


def test_what_others_refuse_is_a_word_of_the_catalogs_or_the_same_in_every_language() -> None:
    words = {
        OSError(errno.ENOSPC, "No space left on device"): "reason.no_room",
        PermissionError(errno.EACCES, "Permission denied"): "reason.not_permitted",
        OSError("Multiple exceptions: [Errno 111] Connect call failed"): "reason.nobody_listens",
        OSError(errno.EIO, "Input/output error"): "EIO",
        socket.gaierror(-2, "Name or service not known"): "reason.host_unknown",
        TimeoutError(): "reason.no_answer",
        asyncpg.InvalidPasswordError("no"): "reason.password_wrong",
        asyncpg.CannotConnectNowError("starting up"): "reason.stopped",
        asyncpg.UndefinedTableError("no such table"): "SQLSTATE 42P01",
        ZeroDivisionError("division by zero"): "ZeroDivisionError",
    }
    assert {error: why(error) for error in words} == words
    for language in LOCALES:
        said = read_texts(language).sentences
        assert all((f"word.{word}" in said) is ("reason." in word) for word in words.values())


def test_what_is_behind_an_error_says_why_where_it_does_not_itself() -> None:
    with pytest.raises(RuntimeError) as raised:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        except OSError as error:
            raise RuntimeError("Error 111 connecting") from error
    assert why(raised.value) == "reason.nobody_listens"


async def test_an_own_database_that_is_away_on_a_full_disk_is_told_by_that_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"postgresql://owner@/chudan?host={tmp_path / 'run'}"
    settings = load_settings({}, data=tmp_path)
    for room, url, code in (
        (True, own, "database_unreachable"),
        (False, own, "database_without_room"),
        (False, "postgresql://owner@/chudan?host=/elsewhere", "database_unreachable"),
    ):
        monkeypatch.setattr(checks, "has_room", lambda _, room=room: room)
        with pytest.raises(ServerError) as refused:
            await checks.check_own_database(replace(settings, database_url=url))
        assert refused.value.code == code


async def test_an_empty_database_is_told_once(database: Settings, tmp_path: Path) -> None:
    async with empty_database(database) as environment:
        found = await checks.examine(load_settings(environment, data=tmp_path))
    told = {one.check: one.problem.code for one in found if one.problem}
    assert told == {"schema": "schema_missing"}
    of_schema = ("row_security", "seal_key", "roles", "log_ins", "read_models", "reactors")
    kept_from = {one.check: one.after for one in found if one.after}
    assert kept_from == dict.fromkeys(of_schema, "schema")


async def test_a_database_that_comes_back_is_waited_for_by_who_is_watched(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, tried = db._connected, list[str]()

    async def noted(dsn: str, **options: Any) -> Any:
        tried.append(dsn)
        return await connected(dsn, **options)

    monkeypatch.setattr(db, "_connected", noted)
    monkeypatch.setattr(retries, "ASKING", 60.0)
    place = urlsplit(database.dsn("owner"))
    (sockets,) = parse_qs(place.query)["host"]
    with tempfile.TemporaryDirectory() as folder:
        gone = Path(folder) / "gone"
        url = urlunsplit(place._replace(query=urlencode({"host": str(gone)})))
        away = replace(database, database_url=url)
        for begin in (check_database(url), _started(away)):
            with pytest.raises(ServerError, match="database_unreachable") as refused:
                await begin
            assert refused.value.params["place"] == f"postgresql://{place.path}"
        assert len(tried) == 2
        tried.clear()
        monkeypatch.setenv(VARIABLE, str(Path(folder) / "signs"))
        waiting = asyncio.create_task(check_database(url))
        starting = asyncio.create_task(_started(away))
        while len(tried) < 4:  # noqa: ASYNC110 - by other tasks, of which one begins anew
            await asyncio.sleep(0)
        gone.symlink_to(sockets)
        assert await waiting >= OLDEST_POSTGRES
        await starting


async def _started(settings: Settings) -> None:
    async with bootstrap(settings):
        pass
