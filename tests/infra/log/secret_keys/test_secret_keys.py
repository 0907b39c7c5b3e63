"""A wrong secret key opens no door, and the right one is changed while everything runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import psycopg
import pytest
from msgspec.structs import replace

from api.app import create_app
from api.errors import status_of
from domain.kernel.errors import InstallationError, Refusal
from domain.kernel.whose import person_of
from domain.people.person import Person
from infra.bootstrap import App, bootstrap, examine
from infra.database import migrate
from infra.database.db import connection_to
from infra.log.key_rotation import KeyRotation
from infra.log.sealing import KeyRing, WrappedKey, key_id_of
from infra.log.secret_keys import SecretKeys, check_secret_keys, is_wrapped_too_late
from infra.settings import ROLES, SECRET_KEY, Settings, load_settings
from infra.work.worker import KINDS, JobRunner
from services.jobs.jobs import OF_IMPORTS, Job, JobState, NewFile
from services.kernel.context import Principal
from services.people.access import Tenant
from services.people.mail import OutgoingMail
from tests.api.cli.terminal import chudan, ended, started
from tests.infra.installation import until
from tests.infra.log.appends import a_person
from tests.infra.log.secret_keys.code_secrets import a_code_secret, is_opened

IS_WAITED_FOR = "select pid from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
ANOTHER_RULE = "do $$ begin raise check_violation using constraint = 'another'; end $$"
DISCONNECT = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where usename = current_user and pid <> pg_backend_pid()
"""
IN_USE = "select key_id from secret_keys order by in_force desc"


async def a_mail(app: App, tenant_id: UUID) -> UUID:
    mail = OutgoingMail("li@partner.example", "登录链接", "")
    return await app.mails.post(tenant_id, mail, app.clock())


async def name_of(app: App, tenant_id: UUID, person: str) -> str:
    first, *_ = await app.log.load(tenant_id, person)
    assert isinstance(first, Person.Registered)
    return first.name


async def in_use(settings: Settings) -> list[str]:
    async with connection_to(settings.dsn("owner")) as owner:
        return [row["key_id"] for row in await owner.fetch(IN_USE)]


async def rotated(app: App) -> int:
    """How many keys a rotation has wrapped anew."""
    return (await app.key_rotation.run(lambda done, total: None)).keys


async def refused(settings: Settings) -> Refusal | None:
    """What a process is refused that starts with these settings."""
    try:
        async with bootstrap(settings):
            return None
    except Refusal as refusal:
        return refusal


def take_old_away(settings: Settings) -> None:
    (settings.data / SECRET_KEY.old_file).unlink()


async def until_waited_for(holding: asyncpg.Connection, settings: Settings) -> None:
    """Somebody waits for a lock that this connection holds."""
    pid = holding.get_server_pid()
    with psycopg.connect(settings.dsn("owner"), autocommit=True) as watch:
        await asyncio.to_thread(
            until, lambda: watch.execute(IS_WAITED_FOR, [pid]).fetchone() is not None
        )


@asynccontextmanager
async def killed_at(settings: Settings, lock: str, role: str = "owner") -> AsyncIterator[None]:
    """A rotation that waits for what a lock holds, killed at the end."""
    async with connection_to(settings.dsn(role)) as holding, holding.transaction():
        await holding.execute(lock)
        rotation = await started({"CHUDAN_DATA": str(settings.data)}, "key", "rotate")
        await until_waited_for(holding, settings)
        yield
        rotation.kill()
        await ended(rotation)


async def key_ids(app: App, tenant_id: UUID) -> list[str]:
    """Of the keys that wrap those of a partner's people."""
    async with app.db.tenant(tenant_id) as tenant:
        rows = await tenant.fetch("select key_id from person_keys where tenant_id = $1")
    return [row["key_id"] for row in rows]


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
        assert "is not the one that this installation's data is encrypted with" in errors
    assert await refused(database) is None


async def test_the_doctor_names_a_wrong_key(database: Settings, tmp_path: Path) -> None:
    given = {"CHUDAN_SECRET_KEY": "a wrong secret key"}
    wrong = replace(
        load_settings(given, data=tmp_path / "other"),
        database_url=database.database_url,
        broker_url=database.broker_url,
    )
    found = {one.check: one for one in await examine(wrong)}
    told = {word: one.problem.code for word, one in found.items() if one.problem}
    assert told == {"secret_key": "secret_key_wrong"}
    of_roles = ("seal_key", "roles", "log_ins", "read_models", "reactors")
    kept_from = {word: one.after for word, one in found.items() if one.after}
    assert kept_from == dict.fromkeys(of_roles, "secret_key")
    found = {one.check: one for one in await examine(database)}
    assert {one.problem for one in found.values()} == {None}
    assert found["secret_key"].found == key_id_of(database.secret_key)


async def test_a_migration_that_found_the_old_key_in_force_sets_its_passwords_before_a_rotation(
    app: App, database: Settings
) -> None:
    async with connection_to(database.dsn("owner")) as migrating, migrating.transaction():
        await migrating.execute("select pg_advisory_xact_lock($1)", migrate.LOCK)
        keyed = await check_secret_keys(migrating, database)
        rotation = asyncio.create_task(rotated(app))
        await until_waited_for(migrating, database)
        await migrate.create_roles(migrating, keyed.role_passwords)
    await rotation
    take_old_away(database)
    for role in ROLES:
        async with connection_to(database.given().dsn(role)):
            pass


async def test_passwords_that_do_not_follow_from_the_key_in_force_are_told_apart(
    app: App, database: Settings
) -> None:
    async with connection_to(database.dsn("owner")) as owner:
        await owner.execute("alter role chudan_head_office password 'another'")
    with pytest.raises(InstallationError) as lacking:
        async with app.db.head_office():
            pass
    assert lacking.value.refusal == Refusal("role_password_refused", role="chudan_head_office")
    await migrate.migrate(database)
    async with app.db.head_office():
        pass


async def test_whoever_never_lets_go_of_peoples_keys_keeps_a_rotation_out(
    app: App, database: Settings
) -> None:
    before = await in_use(database)
    async with connection_to(database.dsn("owner")) as saving, saving.transaction():
        await saving.execute("lock table person_keys in access share mode")
        with pytest.raises(Refusal) as refusal:
            await KeyRotation(app.db, app.log.secret_keys, patience=0).run(lambda *_: None)
    assert refusal.value.code == "key_rotation_kept_out"
    assert await in_use(database) == before
    await rotated(app)
    take_old_away(database)


async def test_goes_on_where_it_was_killed_while_others_read_and_write(
    app: App, database: Settings
) -> None:
    partners = [await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭") for _ in range(2)]
    first, last = sorted(partner.tenant_id for partner in partners)
    people = {tenant_id: [await a_person(app, tenant_id)] for tenant_id in (first, last)}
    mails, of_codes = [await a_mail(app, first)], await a_code_secret(app, partners, first)
    async with killed_at(database, "lock table person_keys in access share mode"):
        pass
    assert await in_use(database) == [key_id_of(database.secret_key)]
    async with killed_at(database, "lock table tenants in access exclusive mode"):
        with pytest.raises(Refusal) as refusal:
            await rotated(app)
        # A process that was there before, and one that has just started.
        mails.append(await a_mail(app, first))
        async with bootstrap(database.given()) as other:
            people[last] += [await a_person(one, last) for one in (app, other)]
    assert refusal.value.code == "key_rotation_running"
    new, old = map(key_id_of, database.given().secret_keys)
    assert await in_use(database) == [new, old]
    found = {one.check: one.problem for one in await examine(database.given())}
    assert (problem := found["secret_key"]) and problem.code == "key_rotation_unfinished"
    # One of the two has an account.
    assert await key_ids(app, first) == [old, old]
    assert sorted(await key_ids(app, last)) == sorted([old, new, new])
    lock = f"""
        set local app.tenants = '{last}';
        select from person_keys where tenant_id = '{last}' and key_id = '{old}' for update
    """
    async with killed_at(app.log.secret_keys.settings, lock, "log"):
        pass
    assert await key_ids(app, first) == [new, new]
    assert old in await key_ids(app, last)
    async with killed_at(database, "lock table person_keys in share update exclusive mode"):
        pass
    assert old not in await key_ids(app, last)
    assert await in_use(database) == [new, old]
    status, said, _ = await chudan({"CHUDAN_DATA": str(database.data)}, "key", "rotate")
    assert (status, f"{new} is in force; 0 keys" in said) == (0, True)
    assert await in_use(database) == [new]
    status, said, _ = await chudan({"CHUDAN_DATA": str(database.data)}, "key", "rotate")
    assert (status, f"{new} was in force already" in said) == (1, True)
    assert f"take {database.data / SECRET_KEY.old_file} away" in said
    assert "CHUDAN_" not in said
    assert await in_use(database) == [new]
    take_old_away(database)
    async with bootstrap(database.given()) as other:
        for tenant_id, its in people.items():
            for person in its:
                for one in (app, other):
                    assert await name_of(one, tenant_id, person) == "王小明"
        for mail_id in mails:
            stored = await other.mails.get(first, mail_id)
            assert stored and other.mails.open(stored)
        assert await is_opened(other, first, of_codes)
    assert {one.problem for one in await examine(database.given())} == {None}


async def test_an_old_key_taken_away_too_early_is_asked_for_and_nothing_lost(
    app: App, database: Settings, partner: Tenant
) -> None:
    tenant_id = partner.tenant_id
    stream = await a_person(app, tenant_id)
    person = person_of(stream)
    # It opens with neither.
    async with app.db.tenants([tenant_id]) as connection:
        (whole,) = await connection.fetch("select wrapped, key_id from person_keys")
        damage = "update person_keys set wrapped = '\\x00' || wrapped where tenant_id = $1"
        await connection.execute(damage, tenant_id)
    with pytest.raises(Refusal) as refusal:
        await rotated(app)
    assert refusal.value.code == "keys_not_opened"
    assert refusal.value.params == {"keys": 1, "partner": str(tenant_id), "person": person}
    old = (database.data / SECRET_KEY.old_file).read_bytes()
    take_old_away(database)
    too_early = await refused(database.given())
    assert too_early is not None
    assert (too_early.code, too_early.params) == (
        "secret_key_missing",
        {"key": key_id_of(database.secret_key)},
    )
    (database.data / SECRET_KEY.old_file).write_bytes(old)
    async with app.db.tenants([tenant_id]) as connection:
        anew = app.log.keys.wrap_anew(WrappedKey(*whole), tenant_id, person)
        mend = "update person_keys set wrapped = $2, key_id = $3 where tenant_id = $1"
        await connection.execute(mend, tenant_id, *anew)
    assert await rotated(app) == 0
    assert len(await in_use(database)) == 1
    take_old_away(database)
    assert await name_of(app, tenant_id, stream) == "王小明"


async def test_a_writer_that_did_not_notice_which_key_is_in_force_writes_nothing(
    app: App, partner: Tenant
) -> None:
    person = await a_person(app, partner.tenant_id)
    async with app.db.tenants([partner.tenant_id]) as connection:
        with pytest.raises(asyncpg.CheckViolationError) as violated:
            await connection.execute(
                "insert into person_keys (tenant_id, person_id, wrapped, key_id)"
                " values ($1, $2, '', 'another')",
                *(partner.tenant_id, str(uuid4())),
            )
        await connection.execute("rollback")
        with pytest.raises(asyncpg.CheckViolationError) as another:
            await connection.execute(ANOTHER_RULE)
        await connection.execute("rollback")
    assert [is_wrapped_too_late(one.value) for one in (violated, another)] == [True, False]
    assert await name_of(app, partner.tenant_id, person) == "王小明"


async def test_an_import_in_a_process_without_the_key_waits_for_one_that_has_it(
    app: App, database: Settings, manager: Principal
) -> None:
    roster = "工号,姓名,批次,入职日期\nIJ1,王一,一期,2026-05-18\n"
    asked = await app.imports.request_import(
        manager, [NewFile("名单.csv", "", BytesIO(roster.encode()), OF_IMPORTS)]
    )

    async def worked(process: App) -> Job:
        await JobRunner(process, KINDS).perform(asked.tenant_id, asked.id)
        job = await process.jobs.get_job(asked.tenant_id, asked.id)
        assert job is not None
        return job

    async with bootstrap(replace(database, are_keys_kept=False)) as alone:
        # With connections that it had before.
        await a_person(alone, manager.tenant)
        await alone.jobs.get_job(asked.tenant_id, asked.id)
        await rotated(app)
        waiting = await worked(alone)
    assert (waiting.state, waiting.attempts, waiting.result) == (JobState.QUEUED, 0, None)
    done = await worked(app)
    assert done.result is not None
    assert (done.state, done.result["counts"]["create"]) == (JobState.DONE, 1)
    take_old_away(database)


def test_keys_that_cannot_be_read_are_lacking_and_refuse_nobody(tmp_path: Path) -> None:
    keys = SecretKeys(load_settings({}, data=tmp_path))
    (tmp_path / SECRET_KEY.file).write_text("")
    with pytest.raises(InstallationError) as lacking:
        keys.ring.has("another")
    told = lacking.value.refusal
    assert (told.code, told.params["name"]) == ("secret_too_short", "secret_key")
    assert status_of(lacking.value.refusal) == 503


def test_a_key_that_is_not_at_hand_is_looked_for_once_for_all_who_need_it() -> None:
    looked = list[tuple[bytes, ...]]()

    def look() -> tuple[bytes, ...]:
        looked.append((b"new", b"old")[: len(looked)])
        return looked[-1]

    ring, new = KeyRing(b"old", read_again=look), key_id_of(b"new")
    assert (ring.has(new), ring.has(new), looked) == (False, False, [()])
    ring.take(b"old")
    assert (ring.has(new), ring.in_force) == (True, key_id_of(b"old"))


async def test_keys_that_are_named_are_changed_under_processes_that_know_both(
    database: Settings,
) -> None:
    kept = (database.data / "secret_key").read_text()
    named = {"CHUDAN_SECRET_KEY": kept}

    def process(**keys: str) -> Settings:
        given = load_settings(keys, data=database.data)
        there = replace(database, secret_keys=given.secret_keys, are_keys_kept=False)
        return replace(there, is_old_key_named=given.is_old_key_named)

    (database.data / SECRET_KEY.old_file).write_text("a key from long ago")

    web = create_app(process(**named))
    transport: Any = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
    async with (
        bootstrap(process(**named)) as alone,
        web.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        with pytest.raises(Refusal) as refusal:
            await rotated(alone)
        assert refusal.value.code == "secret_key_alone"
        take_old_away(database)
        # What the folder keeps is the right one.
        async with bootstrap(process(CHUDAN_SECRET_KEY="a mistyped secret key")) as mistyped:
            assert await mistyped.list_warnings() == ["secret_key_not_in_force"]
        both = process(CHUDAN_SECRET_KEY="a new secret key", CHUDAN_OLD_SECRET_KEY=kept)
        async with bootstrap(both) as running, bootstrap(both) as command:
            partner = await running.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")
            person = await a_person(running, partner.tenant_id)
            assert await rotated(command) > 1
            assert await rotated(command) == 0
            assert await name_of(running, partner.tenant_id, person) == "王小明"
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "secret_key_wrong")
        assert (await http.get("/metrics")).status_code == 200
        in_force = replace(both, secret_key=both.secret_keys[0])
        async with connection_to(in_force.dsn("app")) as other:
            await other.execute(DISCONNECT)
        signed_in = {"accept": "text/html", "cookie": "chudan_session=mine"}
        page = await http.get("/", headers=signed_in)
        assert (page.status_code, "CHUDAN_SECRET_KEY" in page.text) == (503, True)
        with pytest.raises(InstallationError) as lacking:
            await a_person(alone, partner.tenant_id)
        assert lacking.value.refusal.code == "secret_key_wrong"
    found = {one.check: one for one in await examine(both)}
    assert found["secret_key"].problem is None and found["secret_key"].note is not None
    assert found["secret_key"].note.code == "secret_key_left"
    assert (await refused(process(**named))) is not None
    assert await refused(process(CHUDAN_SECRET_KEY="a new secret key")) is None
    back = process(CHUDAN_SECRET_KEY=kept, CHUDAN_OLD_SECRET_KEY="a new secret key")
    async with bootstrap(back) as command:
        assert await rotated(command) > 1
