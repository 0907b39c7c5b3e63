"""An installation to back up, and places to put it back, for the tests of backups."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import msgspec
import psycopg

from infra.archives.archive import archive_read, archive_written
from infra.archives.backup import (
    Manifest,
    TableRows,
    back_up,
)
from infra.archives.restore import Loading, Restoring, folder_restored, manifest_of
from infra.bootstrap import App
from infra.database.db import connection_to
from infra.readside.checkpoints import names
from infra.readside.reactors import Reactors
from infra.settings import Settings
from services.execute import Done, execute
from services.jobs.jobs import OF_IMPORTS, NewFile
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reactors import REACTORS
from services.trainees.trainee import EnrolTrainee
from tests import situation
from tests.carrying import record
from tests.infra.archives.test_archive import PASSPHRASE, QUICK
from tests.infra.log.appends import JUNE_1
from tests.infra.log.seals.sealed import sealer

PASSWORD = "a long password"
ROWS = "select {} from {} where {}"


def unheard(done: int, total: int) -> None:
    """Progress of which nobody hears."""


async def backed_up(app: App, path: Path, *, without_lost_files: bool = False) -> Manifest:
    """With the settings that it began with, whatever has changed since."""
    with archive_written(path, "backup", PASSPHRASE, cost=QUICK) as archive:
        return await back_up(app.settings, archive, unheard, without_lost_files=without_lost_files)


async def filled(app: App) -> Tenant:
    """A partner with people, an idempotency answer, a file, a job, a user, a reactor's checkpoint
    and seals; and somebody of head office, with a token."""
    partner = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")
    manager = in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    await record(app, manager, situation.batch_opened("c", on=JUNE_1))
    for n in range(9):
        await enrolled(app, partner, n)
    stored = NewFile("a.csv", "text/csv", BytesIO(partner.code.encode() * 99), OF_IMPORTS)
    file = await app.files.store_file(partner.tenant_id, stored)
    await app.jobs.create_job(partner.tenant_id, "report.render", {"file": str(file.id)})
    mail = f"{partner.code}@example.com"
    role = Role.TRAINING_MANAGER
    await app.accounts.create_user(
        email=mail, name="王", role=role, password=PASSWORD, partner=partner.code
    )
    head = Role.HEAD_OFFICE
    await app.accounts.create_user(email=f"hq-{mail}", name="赵", role=head, password=PASSWORD)
    await app.tokens.issue(role=head)
    await Reactors(app).catch_up(partner.tenant_id)
    await sealer(app).round()
    return partner


async def enrolled(app: App, partner: Tenant, n: int) -> Done:
    """Somebody new; the same again where this was asked for before."""
    manager = in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    context = app.context(manager, idempotency_key=f"enrolment-{n}")
    return await execute(context, EnrolTrainee("c", f"E{n}", "王小明", JUNE_1))


Rows = list[tuple[Any, ...]]


async def rows(settings: Settings, table: str, columns: list[str], tenant: UUID | None) -> Rows:
    """tenant: or all that is nobody's."""
    its = "tenant_id" if "tenant_id" in columns else "null::uuid"
    which = f"{its} is not distinct from $1"
    if table == "checkpoints":
        which += f" and projection in ({', '.join(repr(one) for one in names(REACTORS))})"
    async with connection_to(settings.dsn("backup")) as connection:
        chosen = ROWS.format(", ".join(columns), table, which)
        found = [tuple(row) for row in await connection.fetch(chosen, tenant)]
    return sorted(found, key=repr)


@asynccontextmanager
async def empty_database(settings: Settings) -> AsyncIterator[dict[str, str]]:
    """The environment of an installation on an empty database, whose owner is no superuser."""
    assert settings.database_url is not None and settings.broker_url is not None
    parts = urlsplit(settings.database_url)
    name, password = f"d{uuid4().hex[:12]}", (settings.data / "superuser").read_text()
    place = parts.netloc.rpartition("@")[2]
    root = urlunsplit(parts._replace(netloc=f"postgres:{password}@{place}", path="/postgres"))
    with psycopg.connect(root, autocommit=True) as superuser:
        superuser.execute(f"create database {name} owner {parts.username}")
        yield {
            "CHUDAN_DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "CHUDAN_BROKER_URL": settings.broker_url,
        }
        superuser.execute(f"drop database {name} with (force)")


@contextmanager
def begun(path: Path, folder: Path) -> Iterator[Restoring]:
    with (
        archive_read(path, "backup", PASSPHRASE) as archive,
        folder_restored(archive, folder) as restoring,
    ):
        yield restoring


async def loaded(
    app: App, path: Path, data: Path | None = None, *, before: str = "select 1"
) -> None:
    """Whether the rows of a backup can be put into these tables; nothing stays there. data: where
    its files were placed. before: what the owner does first."""
    settings = msgspec.structs.replace(app.settings.given(), data=data or app.settings.data)
    async with connection_to(settings.dsn("owner")) as owner:
        await owner.execute("begin")  # The end of the connection takes all back.
        await owner.execute(before)
        with archive_read(path, "backup", PASSPHRASE) as archive:
            await Loading(archive, manifest_of(archive), owner, settings, unheard).run()


def with_tables(made: Manifest, tables: dict[str, TableRows]) -> Callable[[bytes], bytes]:
    """A manifest that says something else of these tables."""
    other = msgspec.structs.replace(made, tables=made.tables | tables)
    return lambda _: msgspec.json.encode(other)
