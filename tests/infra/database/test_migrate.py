"""A database that another version wrote is refused before anything of it is read or changed."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import bootstrap
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
    assert later == []


async def test_a_migration_with_other_words_is_another_version_s(
    database: Settings, program: Path
) -> None:
    last = program / migrations()[-1].name
    last.write_text(last.read_text(encoding="utf-8") + "-- edited", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        await require_schema(database.dsn("owner"), program)
    assert refused.value.code == "migration_changed"


async def test_a_program_whose_first_migration_is_another_one_s_leads_on_from_no_schema_of_ours(
    database: Settings, program: Path
) -> None:
    first = program / migrations()[0].name
    first.write_text(first.read_text(encoding="utf-8") + "-- another", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        await require_schema(database.dsn("owner"), program)
    assert refused.value.code == "formats_of_before"


async def test_a_database_of_before_the_formats_were_settled_is_told_from_a_newer_one(
    database: Settings, owner: Connect
) -> None:
    connection = await owner()
    last = len(migrations()) + 1
    changed = "update schema_migrations set checksum = $1 where number = 1 returning checksum"
    checksum = await connection.fetchval("select checksum from schema_migrations where number = 1")
    await connection.fetchval(changed, "another one's")
    await connection.execute(
        "insert into schema_migrations (number, name, checksum) values ($1, 'x', 'x')", last
    )
    try:
        with pytest.raises(Refusal) as refused:
            await migrate(database)
    finally:
        await connection.execute("delete from schema_migrations where number = $1", last)
        await connection.fetchval(changed, checksum)
    assert refused.value.code == "formats_of_before"


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
