"""A backup is of one moment and complete, and what is put back is what was there."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from domain.kernel.errors import Refusal
from infra.archives.archive import archive_read, archive_written
from infra.archives.backup import MADE_ANEW, READ_MODELS, Manifest, back_up
from infra.archives.restore import Restoring, folder_restored, restore_rows
from infra.bootstrap import App, bootstrap, require_secret_key
from infra.database.db import connection_to
from infra.readside.checkpoints import names
from infra.readside.reactors import Reactors
from infra.servers.data_folder import RESTORING
from infra.settings import SEAL_KEY, Settings, keep_new_key, load_settings
from projections import PROJECTIONS
from services.execute import Done, execute
from services.jobs.jobs import NewFile
from services.kernel.context import Principal, Role
from services.people.access import Tenant
from services.reactors import REACTORS
from services.trainees.trainee import EnrolTrainee
from tests import situation
from tests.carrying import record
from tests.infra.archives.test_archive import PASSPHRASE, QUICK
from tests.infra.installation import chudan
from tests.infra.log.appends import JUNE_1
from tests.infra.log.seals.sealed import found, sealer

PASSWORD = "a long password"
WAITS = "select exists (select from pg_locks where not granted and relation = 'tokens'::regclass)"
ROWS = "select {} from {} where {}"


def unheard(done: int, total: int) -> None:
    """Progress of which nobody hears."""


async def backed_up(app: App, path: Path) -> Manifest:
    settings = await require_secret_key(app.settings.given())
    with archive_written(path, "backup", PASSPHRASE, cost=QUICK) as archive:
        return await back_up(settings, archive, unheard)


async def filled(app: App) -> Tenant:
    """A partner with people, an idempotency answer, a file, a job, a user, a reactor's checkpoint
    and seals; and somebody of head office, with a token."""
    partner = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")
    manager = Principal(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    await record(app, manager, situation.batch_opened("c", on=JUNE_1))
    for n in range(9):
        await enrolled(app, partner, n)
    stored = NewFile("a.csv", "text/csv", BytesIO(partner.code.encode() * 99))
    file = await app.files.store_file(partner.tenant_id, stored)
    await app.jobs.create_job(partner.tenant_id, "report.render", {"file": str(file.id)})
    mail = f"{partner.code}@example.com"
    role = Role.TRAINING_MANAGER
    await app.accounts.create_user(
        email=mail, name="王", role=role, password=PASSWORD, partner=partner.code
    )
    head = Role.HEAD_OFFICE
    await app.accounts.create_user(email=f"hq-{mail}", name="赵", role=head, password=PASSWORD)
    await app.accounts.issue_token(role=head)
    await Reactors(app).catch_up(partner.tenant_id)
    await sealer(app).round()
    return partner


async def enrolled(app: App, partner: Tenant, n: int) -> Done:
    """Somebody new; the same again where this was asked for before."""
    manager = Principal(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    context = app.context(manager, idempotency_key=f"enrolment-{n}")
    return await execute(context, EnrolTrainee("c", f"E{n}", "王小明", JUNE_1))


Rows = list[tuple[Any, ...]]


async def rows(settings: Settings, table: str, columns: list[str], tenant: UUID | None) -> Rows:
    """tenant: or all that is nobody's."""
    its = "tenant_id" if "tenant_id" in columns else "null::uuid"
    which = f"{its} is not distinct from $1"
    if table == "checkpoints":
        which += f" and projection in ({', '.join(repr(one) for one in names(REACTORS))})"
    async with connection_to(settings.dsn("backup")) as connection:
        chosen = ROWS.format(", ".join(columns), table, which)
        found = [tuple(row) for row in await connection.fetch(chosen, tenant)]
    return sorted(found, key=repr)


@asynccontextmanager
async def empty_database(
    settings: Settings, name: str | None = None
) -> AsyncIterator[dict[str, str]]:
    """The environment of an installation on an empty database, whose owner is no superuser."""
    assert settings.database_url is not None and settings.broker_url is not None
    parts = urlsplit(settings.database_url)
    name, password = name or f"d{uuid4().hex[:12]}", (settings.data / "superuser").read_text()
    place = parts.netloc.rpartition("@")[2]
    root = urlunsplit(parts._replace(netloc=f"postgres:{password}@{place}", path="/postgres"))
    with psycopg.connect(root, autocommit=True) as superuser:
        superuser.execute(f"create database {name} owner {parts.username}")
        yield {
            "CHUDAN_DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "CHUDAN_BROKER_URL": settings.broker_url,
        }
        superuser.execute(f"drop database {name} with (force)")


async def test_what_is_put_back_goes_on_where_it_was(app: App, tmp_path: Path) -> None:
    partners = [await filled(app) for _ in range(2)]
    await app.key_rotation.run(unheard)
    path, folder = tmp_path / "one.chudan", tmp_path / "put" / "back"

    async def append_on() -> None:
        for n in count(100):
            await enrolled(app, partners[0], n)

    appending = asyncio.create_task(append_on())
    try:
        made = await backed_up(app, path)
    finally:
        appending.cancel()
    assert made.files == 2
    expected = {
        (name, tenant_id): await rows(app.settings.given(), name, table.columns, tenant_id)
        for name, table in made.tables.items()
        for tenant_id in (partners[1].tenant_id, None)
    }
    for name in ("users", "tokens"):
        assert expected[name, None]
    assert expected["checkpoints", partners[1].tenant_id]
    events = made.tables["events"].columns
    before = await rows(app.settings.given(), "events", events, partners[0].tenant_id)

    async with empty_database(app.settings) as environment:

        def restored(data: Path = folder) -> str:
            told = {**environment, "CHUDAN_PASSPHRASE": PASSPHRASE}
            done = chudan("restore", str(path), "--data", str(data), **told)
            return done.stderr if done.returncode else ""

        await broken_off(path, folder, environment)
        refused = chudan("migrate", "--data", str(folder), **environment).stderr
        assert f"run `chudan restore FILE --data {folder}` again" in refused
        assert await asyncio.to_thread(restored) == ""
        assert "is not empty" in restored()
        assert "has a Chudan schema already" in restored(tmp_path / "other")
        assert not await asyncio.to_thread(os.listdir, tmp_path / "other")

        settings = load_settings(environment, data=folder)
        for (table, tenant_id), wanted in expected.items():
            columns = made.tables[table].columns
            assert await rows(settings, table, columns, tenant_id) == wanted, table
        after = await rows(settings, "events", events, partners[0].tenant_id)
        assert 10 < len(after) <= len(before)
        at = events.index("position")
        assert after == [row for row in before if row[at] <= len(after)]
        async with bootstrap(settings) as there:
            for one in partners:
                await goes_on(there, one)


async def broken_off(path: Path, folder: Path, environment: dict[str, str]) -> None:
    """A restore that is killed while it loads, another one after that, and one when all rows are
    there."""

    def interrupt(done: int, total: int) -> None:
        raise InterruptedError

    def refuse(done: int, total: int) -> None:
        raise AssertionError("loaded twice")

    for progress in (interrupt, unheard, refuse):
        with (
            archive_read(path, "backup", PASSPHRASE) as archive,
            folder_restored(archive, folder) as restoring,
        ):
            restoring.place()
            settings = load_settings(environment, data=folder)
            with suppress(InterruptedError):
                await restore_rows(archive, restoring, settings, progress)
    assert (folder / RESTORING).exists()


async def goes_on(app: App, partner: Tenant) -> None:
    """What was asked before is answered as then; signing in, appending and sealing go on."""
    tenant_id = partner.tenant_id
    principal = Principal(tenant_id, "manager", Role.TRAINING_MANAGER)
    head = await app.log.position(tenant_id)
    assert (await enrolled(app, partner, 3)).repeated
    assert not (await enrolled(app, partner, 9)).repeated
    assert await app.log.position(tenant_id) == head + 1
    await sealer(app).round()
    assert await found(app, principal) == []
    session = await app.accounts.log_in(f"{partner.code}@example.com", PASSWORD)
    assert session.session.principal.tenant == tenant_id


async def test_a_table_that_is_not_seen_whole_is_never_left_out_silently(
    app: App, tmp_path: Path
) -> None:
    spoilt = {
        "forgotten": ("create table forgotten (tenant_id uuid)", "drop table forgotten"),
        "events": (
            "alter policy backup on events using (position < 5)",
            "alter policy backup on events using (true)",
        ),
        "jobs": (
            "create policy less on jobs as restrictive using (false)",
            "drop policy less on jobs",
        ),
    }
    for table, (spoil, mend) in spoilt.items():
        async with connection_to(app.settings.dsn("owner")) as owner:
            await owner.execute(spoil)
            try:
                with pytest.raises(Refusal) as refused:
                    await backed_up(app, tmp_path / "one")
            finally:
                await owner.execute(mend)
        assert (refused.value.code, refused.value.params) == (
            "backup_incomplete",
            {"tables": [table]},
        )
    assert not await asyncio.to_thread(os.listdir, tmp_path)


async def test_the_keys_of_its_moment_are_kept_though_they_are_put_away_meanwhile(
    app: App, tmp_path: Path
) -> None:
    await filled(app)
    path, folder = tmp_path / "one", app.settings.data
    kept, old = folder / SEAL_KEY.file, folder / SEAL_KEY.old_file
    text = kept.read_text()
    try:
        async with connection_to(app.settings.dsn("owner")) as owner:
            async with owner.transaction():
                await owner.execute("lock table tokens in access exclusive mode")
                backing_up = asyncio.create_task(backed_up(app, path))
                while not await owner.fetchval(WAITS):
                    assert not backing_up.done()
                # What a change of the key that begins and ends here leaves.
                keep_new_key(folder, SEAL_KEY)
                old.unlink()
            await backing_up
        await backed_up(app, tmp_path / "two")  # Of a key that is lost as well.
    finally:
        kept.write_text(text)
    with archive_read(path, "backup", PASSPHRASE) as archive:
        keys = {name: b"".join(content) for name, content in archive.members()}
    assert keys["key/seal_key"] == text.strip().encode()
    assert "key/seal_key.old" not in keys


async def test_what_no_backup_has_is_named_or_follows_from_the_log(app: App) -> None:
    tables = {t for one in PROJECTIONS for t in (*(s.table for s in one.tables), one.past_table)}
    assert all(re.search(READ_MODELS, name) for name in tables)
    async with connection_to(app.settings.dsn("owner")) as owner:
        there = {
            row[0]
            for row in await owner.fetch(
                "select tablename from pg_tables where schemaname = 'public'"
            )
        }
    assert {name for name in there if re.search(READ_MODELS, name)} <= tables
    assert set(MADE_ANEW) <= there


async def test_a_file_that_is_lost_is_told(app: App, tmp_path: Path) -> None:
    partner = await filled(app)
    (file,) = (app.settings.data / "files" / str(partner.tenant_id)).glob("*/*")
    for spoil in (lambda: file.write_bytes(b"other"), file.unlink):
        kept = file.read_bytes()
        spoil()
        with pytest.raises(Refusal, match="file_lost"):
            await backed_up(app, tmp_path / "one")
        file.write_bytes(kept)


async def test_a_restore_that_was_broken_off_is_not_taken_up_in_another_database(
    app: App, elsewhere: App, tmp_path: Path
) -> None:
    path, folder = tmp_path / "one", tmp_path / "there"
    await backed_up(app, path)
    async with (
        empty_database(app.settings, "same") as one,
        empty_database(elsewhere.settings, "same") as other,
    ):
        dsns = [environment["CHUDAN_DATABASE_URL"] for environment in (one, other)]
        for dsn in dsns:
            with begun(path, folder) as restoring:
                assert await restoring.begin(dsn)
                async with connection_to(dsn) as owner:
                    await owner.execute("create table schema_migrations ()")
                assert not await restoring.begin(dsn)
        with pytest.raises(Refusal, match="database_occupied"), begun(path, folder) as restoring:
            await restoring.begin(dsns[0])
        assert (folder / RESTORING).exists()
        nowhere = tmp_path / "nowhere"
        with pytest.raises(Refusal, match="database_occupied"), begun(path, nowhere) as restoring:
            restoring.place()
            await restoring.begin(dsns[0])
        assert not [one for one in nowhere.rglob("*") if one.is_file()]


async def test_a_folder_that_was_filled_before_its_note_was_made_stays_as_it_is(
    app: App, tmp_path: Path
) -> None:
    path, folder = tmp_path / "one", tmp_path / "there"
    await backed_up(app, path)
    kept = folder / "files" / "kept"
    kept.parent.mkdir(parents=True)
    kept.touch()
    (folder / RESTORING).touch()
    with pytest.raises(Refusal, match="restore_folder_occupied"), begun(path, folder):
        pass
    assert kept.exists()
    assert not (folder / RESTORING).exists()


@pytest.mark.parametrize(
    "name",
    ["file/{}/../../../../out", "file/{}//out", "file/{}/" + "0" * 64, "file/x/y", "seals/x"],
)
def test_nothing_is_written_where_a_made_up_name_leads(tmp_path: Path, name: str) -> None:
    path, folder = tmp_path / "one", tmp_path / "deep" / "there"
    manifest = Manifest(schema=1, made_at=datetime.now(UTC), tables={}, files=1)
    with archive_written(path, "backup", PASSPHRASE, cost=QUICK) as archive:
        archive.add("manifest", [msgspec.json.encode(manifest)])
        archive.add(name.format(UUID(int=1)).replace("//out", f"/{tmp_path}/out"), [b"bytes"])
    with pytest.raises(Refusal, match="archive_damaged"), begun(path, folder) as one:
        one.place()
    assert not list(tmp_path.rglob("out"))


@contextmanager
def begun(path: Path, folder: Path) -> Iterator[Restoring]:
    with (
        archive_read(path, "backup", PASSPHRASE) as archive,
        folder_restored(archive, folder) as restoring,
    ):
        yield restoring
