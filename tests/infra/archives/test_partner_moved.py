"""A partner that is exported from one installation and adopted by another."""

import asyncio
import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from pyotp import TOTP

from domain.kernel.errors import Refusal
from infra.access.second_factor import PostgresCodes
from infra.archives.archive import archive_read, archive_written
from infra.archives.partner_adoption import Adopted, adopt_partner
from infra.archives.partner_export import PartnerManifest, export_partner
from infra.archives.partner_tables import CODES, MOVED, PEOPLE, STAYS, UNWRAPPED
from infra.bootstrap import App, bootstrap
from infra.database.db import connection_to
from infra.database.distribution import REFERENCE, list_tenant_tables
from infra.log.sealing import KEY_BYTES
from infra.readside.projector import catch_up
from infra.work.files import FOLDER as FILES
from infra.work.files import folder_of, place_of
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from services.execute import Done, execute
from services.jobs.jobs import JSON, OF_IMPORTS, JobState, NewFile
from services.kernel.context import Principal
from services.people.access import Tenant
from services.people.second_factor import SECRET_BYTES
from tests.carrying import carry_out, new_partner
from tests.infra.archives.test_archive import PASSPHRASE, QUICK, rewritten
from tests.infra.log.seals.sealed import found, key_of, sealer
from tests.situation import LIFE, march, ordered

PASSWORD = "a long password"
NO_ROWS = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"
"""What `copy` writes of a table that is empty."""

AS_THEY_WERE = (
    "tenants",
    "heads",
    "events",
    "claims",
    "commands",
    "users",
    "recovery_codes",
    "files",
)


def _nothing(*_: int) -> None:
    pass


async def exported(app: App, code: str, path: Path, **asked: Any) -> PartnerManifest:
    told = asked.pop("progress", _nothing)
    return await export_partner(app, code, path, PASSPHRASE, told, cost=QUICK, **asked)


async def adopted(app: App, path: Path, progress: Callable[..., object] = _nothing) -> Adopted:
    return await adopt_partner(app, path, PASSPHRASE, progress)


def stored(app: App, tenant_id: UUID, sha256: str) -> Path:
    return place_of(app.settings.data / FILES, tenant_id, sha256)


async def asked(app: App, tenant_id: UUID, statement: str, *values: Any) -> list[Any]:
    """What a statement of the owner's answers for one partner."""
    async with connection_to(app.settings.dsn("owner")) as owner, owner.transaction():
        await owner.execute(f"set local app.tenant = '{tenant_id}'")
        return await owner.fetch(statement, tenant_id, *values)


async def rows(app: App, table: str, tenant_id: UUID) -> list[Any]:
    return await asked(
        app, tenant_id, f"select * from {table} where tenant_id = $1 order by 1, 2, 3"
    )


async def once_more(app: App, principal: Principal) -> Done:
    """A command that is answered as it was the first time."""
    (command,) = ordered("E0", "N9", on=march(5)).commands
    return await execute(app.context(principal, idempotency_key="once"), command)


@pytest.fixture
async def moving(app: App, partner: Tenant, manager: Principal) -> Tenant:
    """A partner with a log that is sealed in part, an answer, an account, a file, and somebody
    who is erased."""
    await carry_out(app, manager, LIFE)
    await once_more(app, manager)
    for _ in range(2):
        await sealer(app).seal(partner.tenant_id)
    await app.accounts.create_user(
        email=f"{partner.code}@example.com",
        name="李",
        role="training_manager",
        password=PASSWORD,
        partner=partner.code,
    )
    opened = await app.accounts.log_in(f"{partner.code}@example.com", PASSWORD)
    await app.second_factor.begin(opened.session)
    codes = await app.second_factor.unconfirmed(opened.session)
    await app.second_factor.confirm(opened.session, codes.now())
    content = NewFile("花名册.json", JSON, io.BytesIO(b"bytes of a file"), OF_IMPORTS)
    await app.files.store_file(partner.tenant_id, content)
    await asked(
        app,
        partner.tenant_id,
        "delete from person_keys where tenant_id = $1 and person_id ="
        " (select min(person_id) from person_keys where tenant_id = $1)",
    )
    return partner


async def test_it_goes_on_elsewhere_as_it_was(
    app: App,
    elsewhere: App,
    moving: Tenant,
    manager: Principal,
    tmp_path: Path,
) -> None:
    tenant_id, path = moving.tenant_id, tmp_path / "partner"
    job = await app.jobs.create_job(tenant_id, "report.render", {})
    told = await exported(app, moving.code, path)
    assert (told.files, told.unfinished) == (1, 1)
    done = await adopted(elsewhere, path)
    assert (done.manifest, done.other_years) == (told, [])

    for table in AS_THEY_WERE:
        there = await rows(app, table, tenant_id)
        assert there and await rows(elsewhere, table, tenant_id) == there, table
    await catch_up(elsewhere, tenant_id)
    # One who has not read the keys of before.
    async with bootstrap(app.settings.given()) as other:
        for position in (told.position, told.position // 2):
            events = await other.events(moving.operator, after=0, most=position)
            assert await elsewhere.events(moving.operator, after=0, most=position) == events
            figures = await other.time_travel.fold(tenant_id, NEWCOMERS, position)
            assert await elsewhere.time_travel.fold(tenant_id, NEWCOMERS, position) == figures

    seals, known = [await rows(one, "seals", tenant_id) for one in (elsewhere, app)]
    assert seals[:-1] == known
    assert await found(elsewhere, manager) == []
    await carry_out(elsewhere, manager, [ordered("E0", "N10", on=march(6))])
    while await sealer(elsewhere).seal(tenant_id):
        pass
    verified = await elsewhere.log_verifier.verify(tenant_id)
    assert (verified.sealed, verified.findings) == (verified.head, ())
    assert [change.former for change in verified.changes] == [key_of(app).public]

    assert await once_more(elsewhere, manager) == await once_more(app, manager)
    step = await elsewhere.accounts.log_in(f"{moving.code}@example.com", PASSWORD)
    (user,) = await rows(elsewhere, "users", tenant_id)
    kept, known = [
        await PostgresCodes(one.db, one.log.secret_keys).get(tenant_id, user["user_id"])
        for one in (elsewhere, app)
    ]
    assert kept.secret == known.secret
    with pytest.raises(Refusal, match="one_time_code_refused"):
        code = TOTP(base64.b32encode(kept.secret).decode()).now()
        await elsewhere.second_factor.log_in(step.secret, code, visit="")
    left = await elsewhere.jobs.get_job(tenant_id, job.id)
    assert left and (left.state, left.error) == (JobState.FAILED, "job_stayed_behind")
    (file,) = await rows(elsewhere, "files", tenant_id)
    assert stored(elsewhere, tenant_id, file["sha256"]).read_bytes() == b"bytes of a file"


async def test_nothing_of_another_partner_is_in_the_archive(
    app: App, moving: Tenant, tmp_path: Path
) -> None:
    canary = f"canary-{uuid4()}"
    other = msgspec.structs.replace(await new_partner(app), actor=canary)
    await carry_out(app, other, LIFE)
    content = NewFile(canary, JSON, io.BytesIO(canary.encode()), OF_IMPORTS)
    await app.files.store_file(other.tenant, content)
    await exported(app, moving.code, tmp_path / "partner")
    with archive_read(tmp_path / "partner", "export", PASSPHRASE) as archive:
        whole = b"".join(piece for _, content in archive.members() for piece in content)
    assert moving.tenant_id.bytes in whole
    assert not any(what in whole for what in (other.tenant.bytes, canary.encode()))


async def test_of_several_at_once_one_adopts_it(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    await exported(app, moving.code, tmp_path / "partner")
    ends = await asyncio.gather(
        *(adopted(elsewhere, tmp_path / "partner") for _ in range(3)), return_exceptions=True
    )
    refused = [end for end in ends if isinstance(end, BaseException)]
    assert refused == [Refusal("partner_adopted", code=moving.code)] * 2
    (file,) = await rows(elsewhere, "files", moving.tenant_id)
    assert stored(elsewhere, moving.tenant_id, file["sha256"]).exists()


async def test_interrupted_it_leaves_nothing_and_begins_anew(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    await exported(app, moving.code, tmp_path / "partner")

    with archive_read(tmp_path / "partner", "export", PASSPHRASE) as archive:
        *first, _ = archive.members()
    before_the_file = iter(first[2:-1])

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    def cancel(*_: int) -> None:
        if next(before_the_file, None) is None and (task := asyncio.current_task()):
            task.cancel()

    async def cancelled(path: Path) -> Adopted:
        return await asyncio.create_task(adopted(elsewhere, path, cancel))

    async def interrupted(path: Path) -> Adopted:
        return await adopted(elsewhere, path, interrupt)

    for adopting in (interrupted, cancelled):
        with pytest.raises((KeyboardInterrupt, asyncio.CancelledError)):
            await adopting(tmp_path / "partner")
        assert not any([await rows(elsewhere, table, moving.tenant_id) for table in MOVED])
        assert not folder_of(elsewhere.settings.data / FILES, moving.tenant_id).exists()
    await adopted(elsewhere, tmp_path / "partner")


async def test_an_archive_with_what_no_export_has_is_refused(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    path = tmp_path / "planted"
    await exported(app, moving.code, tmp_path / "partner")
    for name in ("tokens", "tenants", "person_keys; drop table tokens"):
        with (
            archive_read(tmp_path / "partner", "export", PASSPHRASE) as honest,
            archive_written(path, "export", PASSPHRASE, replace=True, cost=QUICK) as planted,
        ):
            for member, content in honest.members():
                planted.add(member, content)
            planted.add(name, [NO_ROWS])
        with pytest.raises(Refusal) as refused:
            await adopted(elsewhere, path)
        assert refused.value == Refusal("archive_damaged", path=str(path)), name
        assert not await rows(elsewhere, "tenants", moving.tenant_id)


async def test_an_archive_that_is_not_what_it_says_is_refused(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    await exported(app, moving.code, tmp_path / "partner")
    code = moving.code.encode()
    spoilt: list[tuple[str, Callable[[bytes], bytes | None]]] = [
        *((lacking, lambda _: None) for lacking in (*MOVED, *UNWRAPPED, "file")),
        *((made_up, lambda _: b"garbage") for made_up in ("tenants", "events", *UNWRAPPED)),
        (PEOPLE, lambda _: msgspec.msgpack.encode([("E1", b"no key")])),
        (CODES, lambda _: msgspec.msgpack.encode([("E1", bytes(SECRET_BYTES))])),
        (PEOPLE, lambda _: msgspec.msgpack.encode([("E\0", bytes(KEY_BYTES))])),
        # An id that is no UTF-8.
        (PEOPLE, lambda _: b"\x91\x92\xa1\xff\xc4\x20" + bytes(KEY_BYTES)),
        ("manifest", lambda told: told.replace(code, b"other")),
        ("files", lambda rows: re.sub(rb"[0-9a-f]{64}", b"/" * 64, rows)),
    ]
    for member, spoil in spoilt:
        path = rewritten(tmp_path / "partner", "export", member, spoil)
        with pytest.raises(Refusal) as refused:
            await adopted(elsewhere, path)
        assert refused.value == Refusal("archive_damaged", path=str(path)), member
        assert not await rows(elsewhere, "tenants", moving.tenant_id)


async def test_an_archive_without_the_row_of_its_partner_touches_none_that_is_here(
    app: App, moving: Tenant, tmp_path: Path
) -> None:
    await exported(app, moving.code, tmp_path / "partner")
    with pytest.raises(Refusal, match="archive_damaged"):
        await adopted(app, rewritten(tmp_path / "partner", "export", "tenants", lambda _: NO_ROWS))
    (file,) = await rows(app, "files", moving.tenant_id)
    assert stored(app, moving.tenant_id, file["sha256"]).exists()


async def test_an_archive_that_does_not_begin_as_an_export_does_is_refused(
    elsewhere: App, tmp_path: Path
) -> None:
    begins = {"nothing": [], "other": ["tenants"], "fields": ["manifest"]}
    for kind, names in begins.items():
        path = tmp_path / kind
        with archive_written(path, "export", PASSPHRASE, cost=QUICK) as archive:
            for name in names:
                archive.add(name, [b"{}"])
        with pytest.raises(Refusal, match="archive_damaged"):
            await adopted(elsewhere, path)


async def test_a_code_that_another_partner_has_is_refused(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    await exported(app, moving.code, tmp_path / "partner")
    await elsewhere.accounts.create_partner(moving.code.upper(), "别家渠道")
    with pytest.raises(Refusal) as refused:
        await adopted(elsewhere, tmp_path / "partner")
    assert refused.value == Refusal("partner_code_taken", code=moving.code)


async def test_a_log_that_is_not_as_it_was_sealed_and_a_file_that_was_lost_are_not_exported(
    app: App, elsewhere: App, moving: Tenant, tmp_path: Path
) -> None:
    (file,) = await rows(app, "files", moving.tenant_id)
    lost = stored(app, moving.tenant_id, file["sha256"])
    aside = lost.rename(tmp_path / "aside")
    with pytest.raises(Refusal) as refused:
        await exported(app, moving.code, tmp_path / "partner")
    assert refused.value == Refusal("file_lost", path=str(lost))
    steps, less = list[tuple[int, int]](), tmp_path / "less"
    made = await exported(
        app,
        moving.code,
        less,
        without_lost_files=True,
        progress=lambda *step: steps.append(step),
    )
    assert (made.files, made.lost) == (0, [str(lost.relative_to(app.settings.data))])
    # It is compared, and then left out.
    total = made.position + 2
    assert (steps[0], steps[-1]) == ((1, total), (total, total))
    assert (await adopted(elsewhere, less)).manifest == made
    less.unlink()
    aside.rename(lost)
    rename = "update tenants set name = $2 where tenant_id = $1"
    await asked(app, moving.tenant_id, rename, "x")
    with pytest.raises(Refusal) as refused:
        await exported(app, moving.code, tmp_path / "partner")
    # A backup of these servers is of this partner too.
    await asked(app, moving.tenant_id, rename, moving.name)
    assert refused.value.code == "log_forged"
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240


async def test_every_table_with_a_tenant_goes_along_or_stays(app: App) -> None:
    read_models = {stored.table for one in PROJECTIONS for stored in one.tables}
    read_models |= {one.past_table for one in PROJECTIONS if one.past_every}
    async with connection_to(app.settings.dsn("owner")) as owner:
        tables = {*await list_tenant_tables(owner), *REFERENCE[:10]}
    assert tables - read_models == {*MOVED, *UNWRAPPED, *STAYS}


async def test_what_others_refer_to_goes_before_them(app: App) -> None:
    async with connection_to(app.settings.dsn("owner")) as owner:
        references = await owner.fetch(
            "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint"
            " where contype = 'f' and conrelid <> confrelid"
        )
    # REFERENCE begins a backup, whose other tables come after them.
    assert references and all(to in REFERENCE for _, to in references)
    for tables in (MOVED, REFERENCE):
        order = {table: place for place, table in enumerate(tables)}
        within = [(order[of], order[to]) for of, to in references if of in order and to in order]
        assert within and all(to < of for of, to in within)
