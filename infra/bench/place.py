"""Where it is measured: the embedded servers in a folder of their own, migrated, durable."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec

from infra.bootstrap import App, bootstrap
from infra.database.db import connection_to
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.servers.embedded_servers import DATABASE, SUPERUSER, EmbeddedPostgres
from infra.settings import load_settings
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role


class Bench(msgspec.Struct, frozen=True):
    """The servers and the application that a part of the benchmarks measures. rounds: how often
    each contender runs. quick: small sizes."""

    app: App
    postgres: EmbeddedPostgres
    rounds: int
    quick: bool

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    async def new_principal(self) -> Principal:
        """The training manager of a partner of its own."""
        partner = await self.app.accounts.create_partner(f"bench-{uuid4().hex[:12]}", "bench")
        return in_role(partner.tenant_id, "bench", Role.TRAINING_MANAGER)

    async def token(self, principal: Principal) -> str:
        """A bearer token of the principal's partner and role."""
        partner = await self.app.accounts.organisation_of(principal.tenant)
        issued = await self.app.tokens.issue(role=principal.roles[0], partner=partner.code)
        return issued.token

    async def analyze(self, table: str = "") -> None:
        """Has the planner know the rows that were made up."""
        async with self.superuser() as connection:
            await connection.execute(f"vacuum analyze {table}", timeout=1_200)

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection past every policy: for what the peers are given, and for made-up rows."""
        postgres = self.postgres
        place = f"{SUPERUSER}:{postgres.superuser_password}@/{DATABASE}"
        async with connection_to(f"postgresql://{place}?host={postgres.sockets}") as connection:
            yield connection


@asynccontextmanager
async def place(*, rounds: int, quick: bool) -> AsyncIterator[Bench]:
    """Servers of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chudan-bench-") as folder:
        settings = load_settings({"CHUDAN_LOG_LEVEL": "warning"}, data=Path(folder))
        with hold(settings.data) as lock:
            embedded = Embedded(settings, lock)
            embedded.start()
            try:
                its = embedded.settings
                await migrate(its)
                postgres = next(s for s in embedded.servers if isinstance(s, EmbeddedPostgres))
                async with bootstrap(its) as app:
                    yield Bench(app, postgres, rounds, quick)
            finally:
                embedded.stop()
