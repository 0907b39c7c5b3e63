"""Every tenant table is guarded in the same words, and a guard that is weakened is noticed.

Promise 1 of the product's trust list: tables covered 100 %, mutants killed N of N.
"""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.database.db import connection_to
from infra.database.migrate import migrate
from infra.servers.checks import _roles
from infra.settings import ROLES, Settings

Owner = Callable[[], Awaitable[asyncpg.Connection]]

ONE = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"
SEVERAL = (
    "(tenant_id = ANY (( SELECT (string_to_array(NULLIF(current_setting('app.tenants'::text, true),"
    " ''::text), ','::text))::uuid[] AS string_to_array)::uuid[]))"
)
WORK_ONLY = {
    *("heads", "checkpoints", "outbox", "jobs", "series_checkpoints", "repairs", "seals"),
    "events",
}
"""What a projector or sweeper may see of all tenants: where there is work or was, and no data."""
OWNERS = {
    *("tenants", "heads", "checkpoints", "users", "tokens", "sessions", "one_time_links"),
    "identities",
    *("totps", "recovery_codes", "passkeys", "log_in_steps"),
}
"""What the owner, whose functions turn a secret into a principal, sees of all tenants."""
HEAD_OFFICE = {"hq_series", "hq_what_ifs", "series_checkpoints", "tenants"}
"""What head office may see of all tenants: figures, of when they are, and whose."""
SELECT_ONLY = {"chudan_projector", "chudan_head_office", "chudan_backup"}

POLICIES = """
select c.relname as name, p.polname as policy, r.rolname as role, p.polcmd::text as command,
       pg_get_expr(p.polqual, c.oid) as seen, pg_get_expr(p.polwithcheck, c.oid) as written,
       pg_get_userbyid(c.relowner) as owner
from pg_policy p
join pg_class c on c.oid = p.polrelid
cross join lateral unnest(p.polroles) as granted (role)
join pg_roles r on r.oid = granted.role
"""

TABLES = """
select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as guarded,
       pg_get_userbyid(c.relowner) as owner
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind in ('r', 'p') and a.attname = 'tenant_id' and not a.attisdropped
"""


VIEWS = """
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
    and not 'security_invoker=true' = any(coalesce(c.reloptions, '{}'))
"""
"""Those that show what their owner sees, whoever asks."""


async def test_a_view_shows_nobody_more_than_its_tables_do(owner: Owner) -> None:
    assert await (await owner()).fetch(VIEWS) == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_makes_no_table_not_even_a_temporary_one(
    database: Settings, role: str
) -> None:
    async with connection_to(database.dsn(role)) as connection:
        for kind in ("", "temporary"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"create {kind} table mine (id int)")


async def test_temporary_tables_that_everybody_might_make_are_told_until_it_is_migrated(
    database: Settings, owner: Owner
) -> None:
    connection = await owner()
    name = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"grant temporary on database {name} to public")
    try:
        with pytest.raises(Refusal, match="role_too_powerful"):
            await _roles(database)
    finally:
        await migrate(database)
    await _roles(database)


async def weak(connection: asyncpg.Connection) -> set[str]:
    """The tables with a tenant whose guard is not the one that all have."""
    tables = {row["name"]: row for row in await connection.fetch(TABLES)}
    bad = {name for name, row in tables.items() if not row["guarded"]}
    covered, owned = set(), set()
    for row in await connection.fetch(POLICIES):
        name, role = row["name"], row["role"]
        if role == "chudan_app":
            fine = row["seen"] == ONE == row["written"]
            covered.add(name)
        elif role == "chudan_log":
            fine = row["seen"] == SEVERAL == row["written"]
        elif role == "chudan_projector":
            fine = name in WORK_ONLY and row["command"] == "r"
        elif role == "chudan_head_office":
            fine = name in HEAD_OFFICE and row["command"] == "r"
        elif role == "chudan_backup":
            fine = row["seen"] == "true" and row["command"] == "r"
        else:
            is_one = row["seen"] == ONE == row["written"]
            fine = role == row["owner"] and (is_one or name in OWNERS)
            owned.add(name)
        if not fine:
            bad.add(name)
    return bad | (set(tables) - (covered & owned))


async def test_of_events_a_projector_sees_of_all_tenants_where_and_when(database: Settings) -> None:
    async with connection_to(database.dsn("projector")) as connection:
        rows = await connection.fetch(
            "select attname from pg_attribute where attrelid = 'events'::regclass and attnum > 0"
            " and has_column_privilege('events', attnum, 'select')"
        )
    assert {row["attname"] for row in rows} == {"tenant_id", "position", "recorded_at"}


async def test_every_tenant_table_is_guarded_in_the_same_words(app: App, owner: Owner) -> None:
    assert await weak(await owner()) == set()


async def test_every_weakened_guard_is_noticed(app: App, owner: Owner) -> None:
    connection = await owner()
    killed = 0
    policies = [r for r in await connection.fetch(POLICIES) if r["role"] != r["owner"]]
    for row in policies:
        for half in ("seen", "written"):
            if row[half] is None or row["role"] in SELECT_ONLY:
                continue
            words = "using" if half == "seen" else "with check"
            mutant = f"alter policy {row['policy']} on {row['name']} {words} (true)"
            killed += await noticed(connection, mutant, row["name"])
    for row in await connection.fetch(TABLES):
        for mutant in ("disable row level security", "no force row level security"):
            killed += await noticed(connection, f"alter table {row['name']} {mutant}", row["name"])
    assert killed >= 40


async def noticed(connection: asyncpg.Connection, mutant: str, table: str) -> int:
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(mutant)
        assert await weak(connection) == {table}, f"survived: {mutant}"
    finally:
        await transaction.rollback()
    return 1
