"""The secret key of a database that a program wrote which noted none."""

from collections.abc import AsyncIterator
from itertools import takewhile
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from infra.bootstrap import bootstrap
from infra.database.db import TenantConnection, connection_to
from infra.database.migrate import migrate, migrations
from infra.log.sealing import KeyRing, WrappedKey, key_id_of
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import Settings, load_settings


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Settings]:
    """As it left it."""
    program = tmp_path / "program"
    program.mkdir()
    for one in takewhile(lambda one: "secret_keys" not in one.name, migrations()):
        (program / one.name).write_text(one.sql, encoding="utf-8")
    settings = load_settings({}, data=tmp_path / "var")
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            await migrate(embedded.settings, program)
            yield embedded.settings
        finally:
            embedded.stop()


async def test_the_one_that_opens_somebody_s_key_is_taken_and_no_other(
    database: Settings, tmp_path: Path
) -> None:
    tenant_id, person, key = uuid4(), str(uuid4()), KeyRing(database.secret_key)
    wrapped, _ = key.wrap(key.new_key(), tenant_id, person)
    async with connection_to(database.dsn("log")) as connection, connection.transaction():
        await connection.execute(f"set local app.tenants = '{tenant_id}'")
        await TenantConnection(connection, tenant_id).execute(
            "insert into person_keys (tenant_id, person_id, wrapped) values ($1, $2, $3)",
            *(person, wrapped),
        )
    named = load_settings({"CHUDAN_SECRET_KEY": "a wrong secret key"}, data=tmp_path / "other")
    wrong = replace(named, database_url=database.database_url)
    with pytest.raises(Refusal) as refused:
        await migrate(wrong)
    assert refused.value.code == "secret_key_wrong"
    # Whose roles would have other passwords, had it begun.
    async with connection_to(database.dsn("app")) as connection:
        assert await connection.fetchval("select to_regclass('secret_keys')") is None
    await migrate(replace(wrong, secret_keys=(*wrong.secret_keys, database.secret_key)))
    async with bootstrap(database) as app, app.db.tenants([tenant_id]) as connection:
        (row,) = await connection.fetch("select wrapped, key_id from person_keys")
    assert row["key_id"] == key_id_of(database.secret_key)
    key.unwrap(WrappedKey(*row), tenant_id, person)
