"""The composition root: everything that runs is put together here, and nothing at import."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.aggregate import event_topics
from domain.planning.calendar import WorkingDays
from infra.access.accounts import Argon2Passwords, PostgresAccess
from infra.database.calendar_years import read_working_days
from infra.database.db import Database
from infra.database.migrate import migrate
from infra.demo.accounts import DemoAccount, demo_accounts
from infra.files import Files, inspect_upload
from infra.headoffice.head_office import HeadOfficeSchemes
from infra.headoffice.head_office_what_ifs import HeadOfficeWhatIfs
from infra.log.feed import Entry, Feed
from infra.log.tenant_log import TenantLog
from infra.logging import configure_logging
from infra.readside.checkpoints import Lag, lag
from infra.readside.rebuild import Rebuilder
from infra.readside.series import count_behind
from infra.readside.time_travel import TimeTravel
from infra.readside.verify import Finding, Verified, Verifier
from infra.readside.verify_series import SeriesVerifier
from infra.readside.waiting import Waiting
from infra.servers.checks import check_database
from infra.servers.collector import relax_collector
from infra.servers.doctor import examine
from infra.servers.embedded import connected
from infra.servers.supervisor import serve
from infra.settings import Settings
from infra.sheets.sheets import read_workbook
from infra.texts import read_sentences
from infra.work.jobs import Jobs
from projections.kernel.projection import Projection
from services.jobs.jobs import Imports
from services.kernel.context import Context, Principal, typed
from services.people.access import Accounts
from services.reactors import REACTORS
from services.scheme.head_office import HeadOffice

__all__ = [
    "PROCESSES",
    "App",
    "DemoAccount",
    "Finding",
    "Verified",
    "bootstrap",
    "check_database",
    "configure_logging",
    "connected",
    "demo_accounts",
    "examine",
    "migrate",
    "read_sentences",
    "read_workbook",
    "relax_collector",
    "run_process",
    "seed_demo",
    "serve",
]

PROCESSES: Mapping[str, str] = MappingProxyType(
    {
        "projector": "infra.readside.projector",
        "worker": "infra.work.worker",
        "scheduler": "infra.work.scheduler",
    }
)
"""Process of `chudan serve` -> the module whose `run(app)` it is; loaded by that process alone."""


class App(msgspec.Struct, frozen=True):
    """What the doors and the runners are given.

    waiting: for projections to reach a position. time_travel: read models at an
    earlier position. imports: uploads become jobs.
    """

    settings: Settings
    db: Database
    log: TenantLog
    clock: Callable[[], datetime]
    accounts: Accounts
    head_office: HeadOffice
    time_travel: TimeTravel
    waiting: Waiting
    rebuilder: Rebuilder
    verifier: Verifier
    series_verifier: SeriesVerifier
    files: Files
    jobs: Jobs
    imports: Imports

    def context(
        self,
        principal: Principal,
        *,
        source: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        correlation_id: UUID | None = None,
    ) -> Context:
        """What surrounds a command that is accepted now."""
        return Context(
            principal=principal,
            log=self.log,
            now=self.clock(),
            source=source or typed(),
            idempotency_key=idempotency_key,
            correlation_id=correlation_id,
        )

    async def wait_for(
        self, tenant_id: UUID, projections: Iterable[Projection[Any]], position: int
    ) -> None:
        """Returns when the read models show the position. Refuses `position_not_reached`."""
        await self.waiting.wait_for(tenant_id, projections, position)

    async def working_days(self) -> WorkingDays:
        """The statutory calendar as it is loaded."""
        async with self.db.untenanted() as connection:
            return await read_working_days(connection)

    async def events(self, tenant_id: UUID, *, after: int, most: int) -> list[Entry]:
        """The tenant's log in order after a position, personal fields opened."""
        async with self.db.tenant(tenant_id) as connection:
            return await Feed(self.log).read(
                connection,
                tenant_id,
                after=after,
                until=after + most,
                topics=event_topics(),
                personal=True,
            )

    async def lag(self) -> list[Lag]:
        """How far each projection is behind, one line each, over all tenants."""
        return await lag(self.db)

    async def reactor_lag(self) -> list[Lag]:
        """The same for each reactor."""
        return await lag(self.db, REACTORS)

    async def series_behind(self) -> int:
        """How many tenants' stored series are not of the newest position."""
        return await count_behind(self.db)


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def bootstrap(
    settings: Settings, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[App]:
    """Everything wired over the servers that the settings name; migrated beforehand."""
    async with (
        Database.open(settings.dsn) as db,
        TenantLog.open(db, settings.secret_key) as log,
        Argon2Passwords.open() as passwords,
        Waiting.open(db) as waiting,
    ):
        rows = PostgresAccess(db, lambda: settings.dsn("owner"))
        travel = TimeTravel(db, log)
        files, jobs = Files(db, settings.data / "files"), Jobs(db)
        yield App(
            settings=settings,
            db=db,
            log=log,
            clock=clock,
            accounts=Accounts(rows, passwords, log, clock),
            head_office=HeadOffice(HeadOfficeSchemes(db), HeadOfficeWhatIfs(db, jobs)),
            time_travel=travel,
            waiting=waiting,
            rebuilder=Rebuilder(db, log, settings.data),
            verifier=Verifier(db, log),
            series_verifier=SeriesVerifier(db, travel),
            files=files,
            jobs=jobs,
            imports=Imports(files, jobs, inspect_upload),
        )


async def run_process(name: str, app: App) -> None:
    """Runs one of PROCESSES until it is cancelled."""
    await import_module(PROCESSES[name]).run(app)


async def seed_demo(app: App) -> None:
    """Fills an empty installation with the demo partners; a filled one stays as it is."""
    await import_module("infra.demo.seeding").seed(app)
