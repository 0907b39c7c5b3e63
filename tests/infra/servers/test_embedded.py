"""The embedded servers and the data folder, for real."""

import asyncio
import os
import stat
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
import redis

from infra.database.db import connection_to
from infra.servers.data_folder import hold, is_in_folder, read_runtime, socket_folder
from infra.servers.embedded import Embedded, connected
from infra.settings import Settings, load_settings


async def test_every_role_logs_in_with_its_password(database: Settings) -> None:
    for role in ("owner", "app", "log", "projector", "head_office"):
        connection = await asyncpg.connect(database.dsn(role))
        assert await connection.fetchval("select current_user") == f"chudan_{role}"
        await connection.close()


async def test_refuses_a_wrong_password(database: Settings) -> None:
    wrong = database.dsn("app").replace(database.role_password("app"), "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


async def test_listens_on_no_port_and_writes_in_utf8(database: Settings) -> None:
    connection = await asyncpg.connect(database.dsn("owner"))
    shown = {
        name: await connection.fetchval(f"show {name}")
        for name in ("listen_addresses", "server_encoding", "synchronous_commit")
    }
    await connection.close()
    assert shown == {
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "synchronous_commit": "on",
    }


def test_the_broker_keeps_every_write_in_a_file(servers: Settings) -> None:
    with redis.Redis.from_url(servers.broker_url or "") as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}


def test_nobody_else_may_look_into_the_folders(servers: Settings) -> None:
    for name in ("postgres", "redis", "run", "log"):
        assert stat.S_IMODE((servers.data / name).stat().st_mode) == 0o700
    for name in ("secret_key", "superuser", "runtime.json"):
        assert stat.S_IMODE((servers.data / name).stat().st_mode) == 0o600


def test_a_second_one_does_not_get_the_folder(servers: Settings) -> None:
    with hold(servers.data) as lock:
        assert lock is None


def test_a_command_finds_the_servers_that_run(servers: Settings) -> None:
    bare = load_settings({}, data=servers.data)
    with connected(bare) as found:
        assert found.dsn("app") == servers.dsn("app")
        assert found.broker_url == servers.broker_url


def test_a_long_path_puts_the_sockets_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("long " * 18) / "数据"
    folder = socket_folder(deep / "run", None)
    try:
        assert not folder.is_relative_to(deep)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder == socket_folder(deep / "run", None)
        assert is_in_folder(deep, f"postgresql://owner@/x?host={quote(str(folder), safe='')}")
        assert not is_in_folder(deep, "postgresql://owner@elsewhere/x")
    finally:
        folder.rmdir()


async def test_the_owner_logs_in_whatever_the_secret_key_is(tmp_path: Path) -> None:
    data = tmp_path / "var"
    for key in ("the first secret key", "the second secret key"):
        settings = load_settings({"CHUDAN_SECRET_KEY": key}, data=data)
        with hold(data) as lock:
            embedded = Embedded(settings, lock, durable=False)
            embedded.start()
            try:
                connection = await asyncpg.connect(embedded.settings.dsn("owner"))
                await connection.close()
                runtime = read_runtime(data)
                assert runtime is not None and runtime.pid == os.getpid()
            finally:
                embedded.stop()
        assert read_runtime(data) is None


def test_a_command_makes_the_schema_where_the_servers_are_its_own(tmp_path: Path) -> None:
    with connected(load_settings({}, data=tmp_path / "var"), up_to_date=True) as found:
        assert asyncio.run(_has_events(found))


def test_a_command_makes_no_schema_under_servers_that_somebody_else_runs(tmp_path: Path) -> None:
    settings = load_settings({}, data=tmp_path / "var")
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            with connected(settings, up_to_date=True) as found:
                assert not asyncio.run(_has_events(found))
        finally:
            embedded.stop()


@pytest.mark.parametrize("up_to_date", [False, True])
def test_others_find_the_servers_of_a_command_only_where_their_schema_is_made(
    tmp_path: Path, up_to_date: bool
) -> None:
    settings = load_settings({}, data=tmp_path / "var")
    with connected(settings, up_to_date=up_to_date):
        assert (read_runtime(settings.data) is not None) is up_to_date


async def _has_events(settings: Settings) -> bool:
    async with connection_to(settings.dsn("owner")) as connection:
        found: bool = await connection.fetchval("select to_regclass('events') is not null")
        return found
