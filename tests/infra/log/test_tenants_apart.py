"""No tenant sees another's rows, and every table is guarded: promise 1 of the trust list."""

from uuid import uuid4

import asyncpg

from infra.bootstrap import App
from services.people.access import Tenant
from tests.infra.log.appends import an_append


class TestTenants:
    async def test_without_a_tenant_no_row_is_seen_and_none_can_be_written(
        self, app: App, partner: Tenant
    ) -> None:
        await app.log.append(an_append(partner.tenant_id))
        async with app.db.untenanted() as connection:
            for table in await guarded_tables(connection):
                assert not await connection.fetchval(f"select count(*) from {table}"), table

    async def test_another_tenants_rows_are_not_seen(self, app: App, partner: Tenant) -> None:
        await app.log.append(an_append(partner.tenant_id))
        async with app.db.tenant(uuid4()) as connection:
            assert await connection.plain.fetchval("select count(*) from events") == 0

    async def test_every_table_with_a_tenant_is_guarded_and_forced(self, app: App) -> None:
        async with app.db.untenanted() as connection:
            rows = await connection.fetch(
                """
                select c.relname, c.relrowsecurity, c.relforcerowsecurity,
                       (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
                       pg_get_userbyid(c.relowner) as owner
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind = 'r' and a.attname = 'tenant_id' and not a.attisdropped
                """
            )
        assert len(rows) >= 8
        for row in rows:
            assert row["relrowsecurity"], row["relname"]
            assert row["relforcerowsecurity"], row["relname"]
            assert row["policies"] >= 1, row["relname"]
            assert row["owner"] not in ("chudan_app", "chudan_log", "chudan_projector")

    async def test_the_roles_own_nothing_and_bypass_nothing(self, app: App) -> None:
        async with app.db.untenanted() as connection:
            rows = await connection.fetch(
                "select rolname from pg_roles where rolname like 'chudan\\_%'"
                " and rolname <> 'chudan_owner' and (rolsuper or rolbypassrls or rolcreaterole)"
            )
            may_create = await connection.fetchval(
                "select has_schema_privilege(current_user, 'public', 'create')"
            )
        assert not rows
        assert not may_create


async def guarded_tables(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        """
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relkind = 'r' and a.attname = 'tenant_id' and not a.attisdropped
          and has_any_column_privilege(c.oid, 'select')
          and has_table_privilege(c.oid, 'select')
        """
    )
    return [row["relname"] for row in rows]
