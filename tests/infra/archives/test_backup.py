"""A backup is of one moment and complete, and what is put back is what was there."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from domain.kernel.errors import Refusal
from domain.people.partner import HEAD_OFFICE_ID
from infra.archives import stored_files
from infra.archives.archive import archive_read, archive_written
from infra.archives.backup import (
    MADE_ANEW,
    MANIFEST,
    READ_MODELS,
    TABLE,
    Manifest,
    TableRows,
)
from infra.archives.restore import restore_rows
from infra.archives.stored_files import FILE
from infra.bootstrap import App, bootstrap
from infra.database.db import connection_to
from infra.servers.data_folder import RESTORING
from infra.settings import SEAL_KEY, keep_new_key, load_settings
from projections import PROJECTIONS
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from tests.api.cli.terminal import ended, started
from tests.infra.archives.backups import (
    PASSWORD,
    backed_up,
    begun,
    empty_database,
    enrolled,
    filled,
    loaded,
    rows,
    unheard,
    with_tables,
)
from tests.infra.archives.test_archive import PASSPHRASE, QUICK, rewritten
from tests.infra.installation import chudan
from tests.infra.log.seals.sealed import found, sealer

WAITS = "select exists (select from pg_locks where not granted and relation = 'tokens'::regclass)"

BREAKS = """
    create function break() returns trigger language plpgsql as
        $$ begin raise exception using errcode = 'data_corrupted'; end $$;
    create trigger breaks before insert on jobs for each row execute function break();
"""


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
        await asyncio.wait([appending])
    assert made.files == 2
    expected = {
        (name, tenant_id): await rows(app.settings.given(), name, table.columns, tenant_id)
        for name, table in made.tables.items()
        for tenant_id in (partners[1].tenant_id, HEAD_OFFICE_ID, None)
    }
    for name in ("users", "tokens"):
        assert expected[name, HEAD_OFFICE_ID]
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
        left = await asyncio.to_thread(os.listdir, folder)
        assert not [name for name in left if name.startswith("rebuild-") or name == RESTORING]
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
    """A restore that is killed while it loads, another one after that, one when all rows are there,
    and one while read models are filled."""

    def interrupt(done: int, total: int) -> None:
        raise InterruptedError

    def refuse(done: int, total: int) -> None:
        raise AssertionError("loaded twice")

    for progress in (interrupt, unheard, refuse):
        with begun(path, folder) as restoring:
            restoring.place()
            settings = load_settings(environment, data=folder)
            with suppress(InterruptedError):
                await restore_rows(restoring, settings, progress)
    async with bootstrap(settings) as there:
        (projection, *_), tenants = PROJECTIONS, await there.rebuilder.tenants()
        async with aclosing(there.rebuilder.rebuild(projection, tenants, "all")) as filling:
            await anext(filling)
    left = await asyncio.to_thread(os.listdir, folder)
    assert RESTORING in left and [name for name in left if name.startswith("rebuild-")]


async def goes_on(app: App, partner: Tenant) -> None:
    """What was asked before is answered as then; signing in, appending and sealing go on."""
    tenant_id = partner.tenant_id
    principal = in_role(tenant_id, "manager", Role.TRAINING_MANAGER)
    head = await app.log.position(tenant_id)
    assert (await enrolled(app, partner, 3)).repeated
    assert not (await enrolled(app, partner, 9)).repeated
    # The registration and the enrolment.
    assert await app.log.position(tenant_id) == head + 2
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


async def test_what_somebody_made_up_is_refused(app: App, tmp_path: Path) -> None:
    await filled(app)
    made = await backed_up(app, tmp_path / "one")
    key = app.log.secret_keys.ring.in_force.encode()
    columns = {"events": TableRows(["position; drop table jobs"], 0)}
    spoilt: list[tuple[str, Callable[[bytes], bytes]]] = [
        (MANIFEST, with_tables(made, {"made_up": TableRows(["id"], 0)})),
        (MANIFEST, with_tables(made, columns)),
        (MANIFEST, with_tables(made, {"jobs": TableRows(made.tables["jobs"].columns, 0)})),
        (f"{TABLE}/jobs", lambda _: b"garbage"),
        # The form of `jsonb`, a byte before its text, and how long a field is.
        (f"{TABLE}/jobs", lambda rows: rows.replace(b"\x01{", b"\x02{")),
        (f"{TABLE}/events", lambda rows: rows[:21] + b"\x7f\xff\xff\xff" + rows[25:]),
        (f"{TABLE}/tenants", lambda rows: rows[:-9]),
        (f"{TABLE}/files", lambda rows: re.sub(rb"[0-9a-f]{64}", b"/" * 64, rows)),
        (f"{TABLE}/secret_keys", lambda rows: rows.replace(key, b"'); drop table x")),
    ]
    for member, spoil in spoilt:
        path = rewritten(tmp_path / "one", "backup", member, spoil)
        with pytest.raises(Refusal) as refused:
            await loaded(app, path)
        wanted = "secret_key_wrong" if "secret_keys" in member else "archive_damaged"
        assert refused.value.code == wanted, member


async def test_a_database_that_is_broken_is_told_from_an_archive_that_is(
    app: App, tmp_path: Path
) -> None:
    await filled(app)
    await backed_up(app, tmp_path / "one")
    with pytest.raises(asyncpg.DataCorruptedError):
        await loaded(app, tmp_path / "one", before=BREAKS)


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


async def test_a_file_that_is_lost_is_told_and_left_out_where_that_is_wanted(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = await filled(app)
    (file,) = (app.settings.data / "files" / str(partner.tenant_id)).glob("*/*")
    kept, whole = file.read_bytes(), (await backed_up(app, tmp_path / "whole")).files
    aside = file.with_name("aside")
    aside.symlink_to("/proc/self/mem")  # Whose first byte nobody can read.
    for spoil in (lambda: file.write_bytes(b"other"), file.unlink, lambda: aside.rename(file)):
        spoil()
        with pytest.raises(Refusal, match="file_lost"):
            await backed_up(app, tmp_path / "one")
        made = await backed_up(app, tmp_path / uuid4().hex, without_lost_files=True)
        assert (made.files, made.lost) == (whole - 1, [str(file.relative_to(app.settings.data))])
    monkeypatch.setattr(stored_files, "MOST_LOST", 0)  # No manifest could name them.
    with pytest.raises(Refusal, match="files_lost_too_many"):
        await backed_up(app, tmp_path / uuid4().hex, without_lost_files=True)
    file.unlink()
    file.write_bytes(kept)


async def test_rows_of_files_that_have_not_come_are_refused_unless_the_backup_names_them(
    app: App, tmp_path: Path
) -> None:
    partner = await filled(app)
    made, there = await backed_up(app, tmp_path / "one"), tmp_path / "there"
    path = rewritten(tmp_path / "one", "backup", f"{FILE}/{partner.tenant_id}", lambda _: None)
    (file,) = (app.settings.data / "files" / str(partner.tenant_id)).glob("*/*")
    lost = str(file.relative_to(app.settings.data))
    for told in ([lost], []):
        less = msgspec.structs.replace(made, files=made.files - 1, lost=told)
        told_less = msgspec.json.encode(less)
        path = rewritten(path, "backup", MANIFEST, lambda _, told=told_less: told)
        shutil.rmtree(there, ignore_errors=True)
        with begun(path, there) as restoring:
            restoring.place()
        if told:
            await loaded(app, path, there)
        else:
            with pytest.raises(Refusal, match="archive_damaged"):
                await loaded(app, path, there)


async def test_a_backup_that_is_ended_leaves_nothing(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    given = {**app.settings.environment, "CHUDAN_PASSPHRASE": PASSPHRASE}
    async with connection_to(app.settings.dsn("owner")) as owner, owner.transaction():
        await owner.execute("lock table tokens in access exclusive mode")
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # As a shell's `&` has it.
        try:
            backing_up = await started(given, "backup", folder / "one")
        finally:
            signal.signal(signal.SIGINT, heard)
        while not await owner.fetchval(WAITS):
            assert backing_up.returncode is None
        assert len(list(folder.iterdir())) == 1
        backing_up.terminate()
        status, _, errors = await ended(backing_up)
    assert (status, errors.splitlines()[-1]) == (
        1,
        "chudan: Interrupted. The same command can be run again.",
    )
    assert not list(folder.iterdir())


async def test_a_restore_that_was_broken_off_goes_on_in_its_own_database_alone(
    app: App, tmp_path: Path
) -> None:
    path, here, there = tmp_path / "one", tmp_path / "here", tmp_path / "there"
    await backed_up(app, path)
    async with empty_database(app.settings) as one, empty_database(app.settings) as other:
        first, second = (environment["CHUDAN_DATABASE_URL"] for environment in (one, other))

        async def begin(folder: Path, dsn: str) -> None:
            with begun(path, folder) as restoring:
                restoring.place()
                await restoring.begin(dsn)

        await begin(here, first)
        await begin(here, first)
        with pytest.raises(Refusal, match="database_occupied"):
            await begin(there, first)
        assert not [one for one in there.rglob("*") if one.is_file()]
        # Made empty again, and begun in by another one.
        async with connection_to(first) as owner:
            await owner.execute("drop table schema_migrations")
        await begin(there, first)
        with pytest.raises(Refusal, match="database_occupied"):
            await begin(here, first)
        assert (here / RESTORING).exists()
        await begin(here, second)
        with pytest.raises(Refusal, match="database_occupied"):
            await begin(there, second)


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
    assert not [one for one in folder.rglob("*") if one.is_file()]
