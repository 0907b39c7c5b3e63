"""A database that another version wrote is refused before anything of it is read or changed."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import bootstrap
from infra.database.db import connection_to
from infra.database.migrate import FOLDER, migrate, migrations, require_schema
from infra.settings import Settings

Connect = Callable[[], Awaitable[asyncpg.Connection]]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The migrations of a program that a test may change."""
    for one in migrations():
        (tmp_path / one.name).write_text(one.sql, encoding="utf-8")
    return tmp_path


async def test_the_schema_of_this_program_is_its_own(database: Settings) -> None:
    await require_schema(database.dsn("owner"))


async def test_a_program_with_a_migration_more_says_what_to_run(
    database: Settings, program: Path
) -> None:
    number = len(migrations()) + 1
    (program / f"{number:04d}_pre_nothing.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        await require_schema(database.dsn("owner"), program)
    assert refused.value.code == "schema_differs"


async def test_a_program_with_a_migration_less_is_refused_and_changes_no_role(
    database: Settings, program: Path, owner: Connect
) -> None:
    (program / migrations()[-1].name).unlink()
    connection = await owner()
    roles = "select rolname, rolconfig from pg_roles where rolname like 'chudan%' order by 1"
    before = await connection.fetch(roles)
    with pytest.raises(Refusal) as refused:
        await migrate(database, program)
    assert refused.value.code == "schema_newer"
    assert await connection.fetch(roles) == before


async def test_a_migration_that_cannot_be_applied_says_which_and_keeps_nothing(
    database: Settings, program: Path, owner: Connect
) -> None:
    number = len(migrations()) + 1
    name = f"{number:04d}_pre_twice.sql"
    text = "create table made_before (id int); create table tenants (id int)"
    (program / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        await migrate(database, program)
    assert (refused.value.code, refused.value.params["name"]) == ("migration_failed", name)
    connection = await owner()
    assert await connection.fetchval("select to_regclass('made_before')") is None


def test_no_migration_keeps_programs_of_before_from_writing_by_an_index_on_their_table() -> None:
    later, made = list[str](), set[str]()
    for one in migrations():
        tables = set(re.findall(r"create table (?:if not exists )?(\w+)", one.sql))
        indexed = re.findall(r"create (?:unique )?index [\w ]*\bon (?:only )?(\w+)", one.sql)
        later += [one.name for table in indexed if table in made - tables]
        made |= tables
    # Of tables of which a partner has few rows.
    assert list(dict.fromkeys(later)) == [
        "0009_pre_jobs_in_order.sql",
        "0029_pre_accounts_of_persons.sql",
        "0031_pre_ways_in.sql",
    ]


async def test_a_migration_with_other_words_is_another_version_s(
    database: Settings, program: Path
) -> None:
    last = program / migrations()[-1].name
    last.write_text(last.read_text(encoding="utf-8") + "-- edited", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        await require_schema(database.dsn("owner"), program)
    assert refused.value.code == "migration_changed"


async def test_no_process_opens_a_database_that_another_version_wrote(
    database: Settings, owner: Connect
) -> None:
    connection = await owner()
    number = len(migrations(FOLDER)) + 1
    await connection.execute(
        "insert into schema_migrations (number, name, checksum) values ($1, 'x', 'x')", number
    )
    try:
        with pytest.raises(Refusal) as refused:
            async with bootstrap(database):
                pass
    finally:
        await connection.execute("delete from schema_migrations where number = $1", number)
    assert refused.value.code == "schema_newer"


async def test_numbers_given_before_keep_those_that_are_like_them_free(
    database: Settings,
) -> None:
    tenant = uuid4()
    given = {"00147": "trainee-1", "0020": "trainee-2", "20": "trainee-3", "000": "trainee-4"}
    (script,) = (one.sql for one in migrations() if "like_numbers" in one.name)
    async with connection_to(database.dsn("owner")) as owner:
        changing = owner.transaction()
        await changing.start()
        await owner.execute("alter table claims no force row level security")
        await owner.executemany(
            "insert into claims values ($1, 'order_no', $2, $3)",
            [(tenant, *one) for one in given.items()],
        )
        await owner.execute(script)
        await owner.execute("alter table claims no force row level security")
        rows = await owner.fetch("select key, owner from claims where tenant_id = $1", tenant)
        await changing.rollback()
    assert dict(rows) == given | {"147": "~00147", "0": "~000"}


async def test_an_import_that_was_undone_before_is_known_by_what_undid_it_and_ended_as_it_had(
    database: Settings,
) -> None:
    tenant, imported, undoing = uuid4(), uuid4(), uuid4()
    (script,) = (one.sql for one in migrations() if "undone_imports" in one.name)
    async with connection_to(database.dsn("owner")) as owner:
        changing = owner.transaction()
        await changing.start()
        await owner.execute("alter table jobs drop column undone_by")
        await owner.execute("alter table jobs no force row level security")
        result = json.dumps({"undone": True})
        await owner.executemany(
            "insert into jobs (tenant_id, id, kind, payload, result, state, due_at)"
            " values ($1, $2, $3, $4, $5, 'done', null)",
            [
                (tenant, imported, "import.run", "{}", "{}"),
                (tenant, undoing, "import.undo", json.dumps({"imported": str(imported)}), result),
            ],
        )
        await owner.execute(script)
        await owner.execute("alter table jobs no force row level security")
        select = "select id, state, undone_by from jobs where tenant_id = $1 order by undone_by"
        rows = await owner.fetch(select, tenant)
        await changing.rollback()
    assert [tuple(row) for row in rows] == [(imported, "done", undoing), (undoing, "done", None)]


async def test_a_log_that_was_sealed_before_seals_had_numbers_is_sealed_anew(
    database: Settings,
) -> None:
    scripts = {one.number: one.sql for one in migrations()}
    async with connection_to(database.dsn("owner")) as owner:
        changing = owner.transaction()
        await changing.start()
        # As 0018 left it.
        await owner.execute(
            "drop table seals; drop policy tenants on tenants; drop policy everybody on events"
        )
        await owner.execute(scripts[17])
        await owner.execute("alter table seals no force row level security")
        await owner.execute("insert into seals values ($1, 0, 4, 'line', '', '')", uuid4())
        await owner.execute("alter table seals force row level security")
        await owner.execute(scripts[19])
        await owner.execute("alter table seals no force row level security")
        left = await owner.fetchval("select count(*) from seals")
        await changing.rollback()
    assert left == 0
