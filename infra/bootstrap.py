"""The composition root: everything that runs is put together here, and nothing at import."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from argon2 import PasswordHasher

from infra.access.accounts import RECOMMENDED, Argon2Passwords
from infra.app import App
from infra.archives.archive import (
    archive_read,
    archive_written,
    refuse_source,
    refuse_target,
    require_long,
)
from infra.archives.backup import Manifest, back_up
from infra.archives.partner_adoption import adopt_partner
from infra.archives.partner_export import export_partner
from infra.archives.restore import Restoring, folder_restored, refuse_occupied, restore_rows
from infra.database.db import Database
from infra.database.migrate import migrate, require_schema
from infra.database.retries import DATABASE_ERRORS, is_away, lack, waited_for
from infra.demo.accounts import DemoAccount, demo_accounts
from infra.log.key_rotation import Rotated
from infra.log.log_check import LogDifference, LogVerified
from infra.log.log_seals import Seal, other_seal_key, short_of
from infra.log.seal_file import FOLDER as SEALS
from infra.log.seal_key_rotation import SealKeyChanged
from infra.log.secret_keys import SecretKeys, require_secret_key
from infra.log.tenant_log import TenantLog
from infra.logging import RequestLog, configure_logging
from infra.readside.checkpoints import Lag, Parked, read_models_incomplete
from infra.readside.evaluators import EvaluatorPool
from infra.readside.folding import tune_garbage_collector
from infra.readside.repairs import Repair, repair, repairable
from infra.readside.skipped import Skip
from infra.readside.verify import CLAIMS, RowDifference, Verified
from infra.readside.waiting import Waiting
from infra.servers.checks import (
    check_database,
    check_own_database,
    examine,
    refuse_unusable,
    refuse_unusable_address,
)
from infra.servers.connections import allow_files, connections_within
from infra.servers.data_folder import refuse_when_full, write_private
from infra.servers.embedded import connected, refuse_nothing
from infra.servers.private_files import meant_by
from infra.servers.process import end_with_parent
from infra.servers.reasons import why
from infra.servers.supervisor import serve
from infra.servers.watchdog import signs_of_life
from infra.settings import Settings
from infra.sheets.sheets import read_workbook
from infra.turns import Turns, out_of_turn
from services.importing.report import ImportReport

__all__ = [
    "CLAIMS",
    "DATABASE_ERRORS",
    "SEALS",
    "App",
    "DemoAccount",
    "Lag",
    "LogDifference",
    "LogVerified",
    "Manifest",
    "Parked",
    "ProcessName",
    "Repair",
    "RequestLog",
    "Restoring",
    "Rotated",
    "RowDifference",
    "Seal",
    "SealKeyChanged",
    "Skip",
    "Turns",
    "Verified",
    "adopt_partner",
    "allow_files",
    "archive_read",
    "archive_written",
    "back_up",
    "bootstrap",
    "check_database",
    "check_own_database",
    "configure_logging",
    "connected",
    "connections_within",
    "demo_accounts",
    "end_with_parent",
    "examine",
    "export_partner",
    "fill_read_models",
    "folder_restored",
    "import_workbook",
    "is_away",
    "lack",
    "meant_by",
    "migrate",
    "other_seal_key",
    "out_of_turn",
    "read_models_incomplete",
    "read_workbook",
    "refuse_nothing",
    "refuse_occupied",
    "refuse_source",
    "refuse_target",
    "refuse_unusable",
    "refuse_unusable_address",
    "refuse_when_full",
    "repair",
    "repairable",
    "require_database",
    "require_long",
    "require_schema",
    "restore_rows",
    "run_process",
    "seed_demo",
    "serve",
    "short_of",
    "tune_garbage_collector",
    "waited_for",
    "why",
    "write_private",
]

ProcessName = Literal["projector", "worker", "scheduler"]
"""The processes of `chudan serve` besides the API."""


def utc_now() -> datetime:
    return datetime.now(UTC)


async def require_database(settings: Settings) -> Settings:
    """The settings with the key in force.

    Refuses what `check_own_database`, `require_schema` and `require_secret_key` refuse: what
    another program wrote, or sealed with another key, is neither read nor written.
    """
    await check_own_database(settings)
    await require_schema(settings.dsn("owner"))
    return await require_secret_key(settings)


@asynccontextmanager
async def bootstrap(
    settings: Settings,
    clock: Callable[[], datetime] = utc_now,
    hasher: PasswordHasher = RECOMMENDED,
) -> AsyncIterator[App]:
    """Everything wired over the servers that the settings name. hasher: of new passwords.

    Refuses what `require_database` refuses.
    """
    async with signs_of_life() as signs:
        settings = await require_database(settings)
        secret_keys = SecretKeys(settings)
        async with (
            Database.open(secret_keys.dsn, secret_keys.renew) as db,
            TenantLog.open(db, secret_keys) as log,
            Argon2Passwords.open(hasher) as passwords,
            Waiting.open(db) as waiting,
            EvaluatorPool.open(settings) as evaluators,
        ):
            yield App(settings, db, log, clock, passwords, waiting, evaluators, signs)


async def run_process(name: ProcessName, app: App) -> None:
    """Runs one process until it is cancelled; each loads its own modules and no others."""
    # ruff: noqa: PLC0415 - dramatiq is only for who works, and so is what each of the others needs
    if name == "projector":
        from infra.readside.projector import run
    elif name == "worker":
        from infra.work.worker import run
    else:
        from infra.work.scheduler import run
    await run(app)


async def import_workbook(app: App, *asked: Any, **how: Any) -> ImportReport:
    """Imports a workbook in this process, see `import_here` there."""
    from infra.work.import_here import import_here

    return await import_here(app, *asked, **how)


async def fill_read_models(app: App, *asked: Any) -> None:
    """Fills the read models of a partner, see `catch_up` there."""
    from infra.readside.projector import catch_up

    await catch_up(app, *asked)


async def seed_demo(app: App) -> None:
    """Fills an empty installation with the demo partners; a filled one stays as it is."""
    from infra.demo.seeding import seed

    await seed(app)
