"""A wrong secret key opens no door."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from domain.trainees.trainee import Trainee
from infra.bootstrap import App, bootstrap, examine
from infra.log.sealing import key_id_of
from infra.settings import Settings, load_settings
from services.people.access import Tenant
from tests.api.cli.terminal import chudan
from tests.infra.log.appends import an_append, enrolled


async def a_person(app: App, tenant_id: UUID) -> str:
    """Somebody new, by their stream."""
    trainee = enrolled(f"trainee-{uuid4()}")
    await app.log.append(an_append(tenant_id, trainee=trainee))
    return trainee.id


async def name_of(app: App, tenant_id: UUID, person: str) -> str:
    first, *_ = await app.log.load(tenant_id, person)
    assert isinstance(first, Trainee.Enrolled)
    return first.name


async def refused(settings: Settings) -> Refusal | None:
    """What a process is refused that starts with these settings."""
    try:
        async with bootstrap(settings):
            return None
    except Refusal as refusal:
        return refusal


async def test_a_wrong_key_is_refused_at_every_door(database: Settings, tmp_path: Path) -> None:
    other = {
        "CHUDAN_DATA": str(tmp_path / "other"),
        "CHUDAN_DATABASE_URL": database.database_url or "",
        "CHUDAN_BROKER_URL": database.broker_url or "",
        "CHUDAN_SECRET_KEY": "a wrong secret key",
    }
    doors = (("serve", "--port", "1"), ("api", "--port", "1"), ("worker",), ("migrate",))
    for status, said, errors in await asyncio.gather(*(chudan(other, *door) for door in doors)):
        assert (status, said, errors.count("\n")) == (1, "", 1), errors
        assert "is not the one that this installation is sealed with" in errors
    assert await refused(database) is None


async def test_the_doctor_names_a_wrong_key(database: Settings) -> None:
    given = {"CHUDAN_SECRET_KEY": "a wrong secret key"}
    wrong = replace(
        load_settings(given, data=database.data),
        database_url=database.database_url,
        broker_url=database.broker_url,
    )
    found = {one.check: one for one in await examine(wrong)}
    assert found["secret_key"].problem is not None
    assert found["secret_key"].problem.code == "secret_key_wrong"
    found = {one.check: one for one in await examine(database)}
    assert {one.problem for one in found.values()} == {None}
    assert found["secret_key"].found == key_id_of(database.secret_key)


async def test_a_writer_that_did_not_notice_which_key_is_in_force_writes_nothing(
    app: App, partner: Tenant
) -> None:
    person = await a_person(app, partner.tenant_id)
    async with app.db.tenants([partner.tenant_id]) as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "insert into person_keys (tenant_id, person_id, wrapped, key_id)"
                " values ($1, 'trainee-1', '', 'another')",
                partner.tenant_id,
            )
        await connection.execute("rollback")
    assert await name_of(app, partner.tenant_id, person) == "王小明"
