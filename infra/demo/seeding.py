"""Fills an empty installation with the demo partners.

It may be interrupted at any time and goes on where it stopped: every command has an idempotency
key, and the accounts are made last. An installation with other partners, one where head office has
people of its own, or one that is filled stays as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from domain.kernel.errors import TakenError
from domain.kpi.scheme.versions import Parameters
from domain.people.partner import HEAD_OFFICE_ID
from infra.app import App
from infra.demo.accounts import DemoAccount, demo_accounts, note_accounts
from infra.demo.history import batches
from infra.demo.staff import Staff, accounts_of
from infra.demo.trade import (
    FOLDER,
    Beginner,
    Demo,
    DemoHeadOffice,
    DemoPartner,
    DemoTexts,
    Office,
    read_trade,
)
from infra.readside.projector import catch_up
from infra.sheets.sheets import read_workbook
from services.execute import execute
from services.importing import maps
from services.importing.mapping import load_mapping
from services.importing.run import import_file
from services.importing.workbook import joined
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.people.partner import BEGINNING
from services.scheme.scheme import PublishScheme
from services.teaching.session import ApprovePlanChange, PlanSession

IN_FLIGHT = 256
"""Stories that are being recorded at once: enough to fill the log's group commits."""

OFFICE_WINDOW = 120
"""Days; within the usual 30 nobody of the offices closed anything."""

_OTHERS = "select exists (select from users where tenant_id = $1 and email <> all($2))"

FILES = ("sales_teams.csv", "sales_pipeline.csv")


async def seed(app: App) -> None:
    """Fills the installation, unless it is filled or somebody else's."""
    if demo_accounts(app.settings):
        return
    trade = read_trade()
    names = {one.code: one.name for one in trade.everybody}
    if any(names.get(one.code) != one.name for one in await app.accounts.list_partners()):
        return
    if await _has_other_accounts(app, accounts_of(app, trade.head_office)):
        return
    seeder = _Seeder(app)
    async with asyncio.TaskGroup() as group:
        group.create_task(_import_offices(app, trade.offices))
        group.create_task(_begin(app, trade.head_office))
        for beginner in trade.beginners:
            group.create_task(_begin(app, beginner))
        for demo in trade.partners:
            group.create_task(seeder.seed(demo, trade.words))
    accounts = [account for one in trade.everybody for account in accounts_of(app, one)]
    note_accounts(app.settings, accounts)


async def _has_other_accounts(app: App, ours: Sequence[DemoAccount]) -> bool:
    """Whether somebody is let in to head office who is not of the demo."""
    async with app.db.tenant(HEAD_OFFICE_ID) as tenant:
        return bool(await tenant.fetchval(_OTHERS, [one.email for one in ours]))


@asynccontextmanager
async def _filling(app: App, demo: Demo) -> AsyncIterator[Staff | None]:
    """The staff, None where all was done; their accounts are made at the end."""
    account, *_ = accounts_of(app, demo)
    async with app.db.untenanted() as connection:
        if await connection.fetchval("select true from find_login($1)", account.email):
            yield None
            return
    its = await _organisation(app, demo)
    staff = Staff(app, its, demo)
    await staff.take_in()
    yield staff
    await catch_up(app, its.tenant_id)
    await staff.let_in()


async def _organisation(app: App, demo: Demo) -> Tenant:
    if isinstance(demo, DemoHeadOffice):
        return await app.accounts.organisation(None)
    try:
        return await app.accounts.create_partner(demo.code, demo.name)
    except TakenError:
        return await app.accounts.partner(demo.code)


class _Seeder:
    """Gives the commands of the made-up partners, those of a person or a class in their order."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def seed(self, demo: DemoPartner, words: DemoTexts) -> None:
        async with _filling(self._app, demo) as staff, asyncio.TaskGroup() as group:
            if staff is None:
                return
            principal = staff.principal
            for batch in batches(demo, words, self._app.context(principal).today):
                code = batch.opening.code
                await self._do(principal, code, [batch.opening, *batch.handover])
                plans = [line for its in batch.classes for line in its[:1]]
                staff.classes.append([one.code for one in plans if isinstance(one, PlanSession)])
                staff.trainee = next(batch.sellers, staff.trainee)
                stories = {f"{code}:{n}": lines for n, lines in enumerate(batch.people, start=1)}
                stories |= {f"{code}:K{n}": lines for n, lines in enumerate(batch.classes, start=1)}
                for name, lines in stories.items():
                    await self._slots.acquire()
                    task = group.create_task(self._do(principal, name, lines))
                    task.add_done_callback(lambda _: self._slots.release())

    async def _do(self, principal: Principal, name: str, lines: Sequence[msgspec.Struct]) -> None:
        approver = in_role(principal.tenant, principal.actor, Role.HR_MANAGER)
        for number, command in enumerate(lines):
            key = f"demo:{name}:{number}"
            hand = approver if isinstance(command, ApprovePlanChange) else principal
            await execute(self._app.context(hand, idempotency_key=key), command)


async def _begin(app: App, beginner: Beginner | DemoHeadOffice) -> None:
    """An organisation and its people are all that there is."""
    async with _filling(app, beginner):
        pass


async def _import_offices(app: App, offices: list[Office]) -> None:
    book = joined([await read_workbook(FOLDER / "crm" / name) for name in FILES])
    crm = (Path(maps.__path__[0]) / "crm.toml").read_text(encoding="utf-8")
    for office in offices:
        async with _filling(app, office) as staff:
            if staff is not None:
                principal = staff.principal
                scheme = PublishScheme(BEGINNING, Parameters(window_days=OFFICE_WINDOW))
                await execute(app.context(principal, idempotency_key="demo:scheme"), scheme)
                mapping = load_mapping(crm, partner=office.code)
                await import_file(app.context(principal), book, mapping=mapping)
