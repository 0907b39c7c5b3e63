"""Forward-only numbered migrations with checksums, under one lock, by the owner."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import connection_to
from infra.database.distribution import distribute
from infra.log.sealing import canary, key_id_of
from infra.log.secret_keys import check_secret_keys
from infra.readside.projection_tables import create_projection_tables, require_projection_tables
from infra.servers.reasons import why
from infra.settings import Settings

FOLDER = Path(__file__).resolve().parents[1] / "migrations"
LOCK = 0x636875_64616E
"""The advisory lock's key: "chudan" in ASCII. Whoever sets the passwords of the roles holds it from
when they read the key in force, so that those of a key that is so no more are never set."""

TIMEOUTS = {
    "idle_in_transaction_session_timeout": "60s",
    "statement_timeout": "60s",
    "lock_timeout": "20s",
}
PROBES_ONLY = {
    **{"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"},
    "enable_sort": "off",
}
"""The log's writer looks up by key alone: a plan made while a table was empty must stay right."""

APPLIED = """
    create table if not exists schema_migrations (number integer primary key, name text not null,
        checksum text not null, applied_at timestamptz not null default now())
"""
_FIRST_KEY = "select set_config('app.key_id', $1, false), set_config('app.canary', $2, false)"
_NAME = re.compile(r"(\d{4})_(pre|post)_[a-z0-9_]+\.sql")


class Migration(msgspec.Struct, frozen=True):
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """The files in order. Raises Refusal `migration_misnamed` or `migration_number_gap`."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise Refusal("migration_misnamed", name=path.name)
        found.append(Migration(int(match[1]), path.name, path.read_text(encoding="utf-8")))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise Refusal("migration_number_gap", names=[m.name for m in found])
    return found


def checksums() -> list[str]:
    """Of this program's migrations, in order."""
    return [migration.checksum for migration in migrations()]


def require_lineage(found: str | None, ours: str) -> None:
    """Refuses `formats_of_before` what no migration of ours leads on from. Both are lineages, the
    checksums of first migrations, which all schemas share that lead to one another."""
    if found != ours:
        raise Refusal("formats_of_before")


async def migrate(settings: Settings, folder: Path = FOLDER, *, until: int | None = None) -> int:
    """Brings the schema up to date; answers how many migrations were applied.

    settings: their owner owns the schema and may create roles. until: the number of the last one
    that is applied. Raises Refusal, before anything is written: `formats_of_before`,
    `migration_changed` when an applied file was edited, `schema_newer` when the database is ahead
    of this program, and what is wrong with the secret key.
    """
    wanted = migrations(folder)
    async with connection_to(settings.dsn("owner")) as connection:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        done = await _applied(connection)
        _refuse_foreign(done, wanted)
        keyed = await check_secret_keys(connection, settings)
        await create_roles(connection, keyed.role_passwords)
        # The first migration notes it.
        await connection.execute(
            _FIRST_KEY, key_id_of(keyed.secret_key), canary(keyed.secret_key).hex()
        )
        applied = await _apply(connection, wanted[:until], done)
        await create_projection_tables(connection)
        await distribute(connection, keyed.role_passwords)
        return applied


async def create_roles(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    for role, password in passwords.items():
        known = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
        quoted = await connection.fetchval("select quote_literal($1::text)", password)
        if known:
            await connection.execute(f"alter role {role} login password {quoted}")
        else:
            powers = "nosuperuser nocreatedb nocreaterole nobypassrls"
            await connection.execute(f"create role {role} login {powers} password {quoted}")
        probes = PROBES_ONLY if role == "chudan_log" else {}
        for setting, value in {**TIMEOUTS, **probes}.items():
            await connection.execute(f"alter role {role} set {setting} = '{value}'")
        await connection.execute(f"grant usage on schema public to {role}")
    await connection.execute("revoke create on schema public from public")
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"revoke temporary on database {database} from public")


async def require_schema(owner_dsn: str, folder: Path = FOLDER) -> None:
    """The schema is this program's, all of it. Refuses `schema_missing`, `schema_differs`,
    `projection_missing`, and what `migrate` refuses."""
    wanted = migrations(folder)
    async with connection_to(owner_dsn) as connection:
        done = await _applied(connection)
        if not done:
            raise Refusal("schema_missing")
        _refuse_foreign(done, wanted)
        if len(done) < len(wanted):
            raise Refusal("schema_differs", found=len(done), wanted=len(wanted))
        await require_projection_tables(connection)


async def _applied(connection: asyncpg.Connection) -> dict[int, str]:
    """The checksums of the applied migrations by number."""
    if await connection.fetchval("select to_regclass('schema_migrations')") is None:
        return {}
    return dict(await connection.fetch("select number, checksum from schema_migrations"))


def _refuse_foreign(done: Mapping[int, str], wanted: list[Migration]) -> None:
    if not done:
        return
    require_lineage(done.get(1), wanted[0].checksum)
    if max(done) > len(wanted):
        raise Refusal("schema_newer", database=max(done), program=len(wanted))
    for migration in wanted:
        if done.get(migration.number, migration.checksum) != migration.checksum:
            raise Refusal("migration_changed", name=migration.name)


async def _apply(
    connection: asyncpg.Connection, wanted: list[Migration], done: Mapping[int, str]
) -> int:
    await connection.execute(APPLIED)
    lacking = [migration for migration in wanted if migration.number not in done]
    for migration in lacking:
        async with connection.transaction():
            try:
                await connection.execute(migration.sql)
            except asyncpg.PostgresError as error:
                reason = why(error)
                raise Refusal("migration_failed", name=migration.name, reason=reason) from error
            await connection.execute(
                "insert into schema_migrations (number, name, checksum) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.checksum,
            )
    return len(lacking)
