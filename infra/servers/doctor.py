"""The examination of an installation, one result per check."""

from collections.abc import Awaitable, Callable

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import connection_to
from infra.database.migrate import require_schema
from infra.servers.checks import check_broker, check_database, why
from infra.servers.data_folder import SPACE_NEEDED, refuse_when_full
from infra.settings import ROLES, Settings

CONNECTING = 10.0
"""Seconds that the database may take to accept a connection."""


class CheckResult(msgspec.Struct, frozen=True):
    """The result of a check. check: a word (msgid `check.<word>`). problem: a refusal, or None."""

    check: str
    problem: Refusal | None = None


async def examine(settings: Settings) -> list[CheckResult]:
    """settings: with the addresses of all servers. Never raises; what fails is a finding."""
    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "space": lambda: _space(settings),
        "secret_key": lambda: _secret_key(settings),
        "database": lambda: check_database(settings.dsn("owner")),
        "roles": lambda: _roles(settings),
        "schema": lambda: require_schema(settings.dsn("owner")),
        "row_security": lambda: _row_security(settings),
        "broker": lambda: check_broker(settings.broker_url or ""),
    }
    return [CheckResult(word, await _problem(check)) for word, check in checks.items()]


async def _problem(check: Callable[[], Awaitable[object]]) -> Refusal | None:
    try:
        await check()
    except Refusal as refusal:
        return refusal
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Refusal("check_failed", reason=why(error))
    return None


async def _space(settings: Settings) -> None:
    refuse_when_full(settings.data, needed=2 * SPACE_NEEDED)


async def _secret_key(settings: Settings) -> None:
    path = settings.data / "secret_key"
    if path.exists() and path.stat().st_mode & 0o077:
        raise Refusal("secret_key_readable", path=str(path))


async def _roles(settings: Settings) -> None:
    for role in ROLES:
        async with connection_to(settings.dsn(role), CONNECTING) as connection:
            is_harmless = await connection.fetchval(
                "select not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)"
                " from pg_roles where rolname = current_user"
            )
        if not is_harmless:
            raise Refusal("role_too_powerful", role=role)


async def _row_security(settings: Settings) -> None:
    """Every table that names a tenant has row-level security, forced."""
    async with connection_to(settings.dsn("owner"), CONNECTING) as connection:
        rows = await connection.fetch(
            "select c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where c.relkind in ('r', 'p') and not a.attisdropped"
            " and not (c.relrowsecurity and c.relforcerowsecurity) order by 1"
        )
    if rows:
        raise Refusal("tables_unguarded", tables=[row["relname"] for row in rows])
