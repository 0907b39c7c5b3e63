"""The people of a demo organisation: on record before all else, so that whatever names one means
that one; their roles and log-ins come last, when there is something to see."""

from contextlib import suppress
from typing import Final

import msgspec

from domain.kernel.errors import TakenError
from infra.app import App
from infra.demo.accounts import DemoAccount, demo_account
from infra.demo.trade import SINCE, Beginner, Colleague, Demo, DemoHeadOffice, DemoPartner
from projections.people.people import PERSON_LIST
from services.execute import execute
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.kernel.scopes import Scope
from services.people.access import Tenant
from services.people.department import OpenDepartment
from services.people.person import AssignDepartment, AssignRole, RegisterPerson

BATCHES: Final = 3
"""How many of the last batches somebody teaches who teaches."""


def staff_of(demo: Demo) -> list[Colleague]:
    """Who is on record at first: of a partner the training manager, and whoever else has a role."""
    if isinstance(demo, DemoHeadOffice):
        return demo.staff
    manager = Colleague(demo.manager, Role.TRAINING_MANAGER, "training_manager")
    return [manager, *(demo.staff if isinstance(demo, DemoPartner) else ())]


def accounts_of(app: App, demo: Demo) -> list[DemoAccount]:
    """The log-ins on offer, the usual one first."""
    is_empty = isinstance(demo, Beginner)
    roles = [one.role for one in staff_of(demo)]
    if isinstance(demo, DemoPartner) and demo.lets_in_trainee:
        roles.append(Role.TRAINEE)
    return [
        demo_account(app.settings, demo.code, demo.name, one, is_empty=is_empty) for one in roles
    ]


class Staff:
    """The people of one organisation. classes: the codes of each batch's, in order. trainee: the
    number of one who sells."""

    def __init__(self, app: App, its: Tenant, demo: Demo) -> None:
        self.principal = in_role(its.tenant_id, "demo", Role.TRAINING_MANAGER)
        self.classes: list[list[str]] = []
        self.trainee = ""
        self._app, self._its, self._demo = app, its, demo
        self._administrator = in_role(its.tenant_id, "demo", Role.ADMINISTRATOR)
        self._ids = dict[str, str]()

    async def take_in(self) -> None:
        """Registers everybody, and sets the departments up."""
        for one in staff_of(self._demo):
            registering = RegisterPerson(one.name, one.since, post=one.post)
            self._ids[one.name] = await self._do(one.name, registering)
        for place in self._demo.departments if isinstance(self._demo, DemoPartner) else ():
            head_id = self._ids[place.head]
            await self._do(place.code, OpenDepartment(place.code, place.name, SINCE, head_id))
            for name in place.people:
                joining = AssignDepartment(self._ids[name], SINCE, place.code)
                await self._do(f"{place.code}:{name}", joining)

    async def let_in(self) -> None:
        """Gives everybody the role and a log-in; who is first in the list, by whose log-in it is
        known that nothing is left to do, is the last."""
        accounts = {one.role: one for one in accounts_of(self._app, self._demo)}
        people = [*staff_of(self._demo), *(await self._enrolled())]
        for one in reversed([one for one in people if one.role in accounts]):
            account, person_id = accounts[one.role], self._ids[one.name]
            for code in self._taught(one):
                giving = AssignRole(person_id, one.since, one.role, Scope.ALL, session=code)
                await self._do(f"{person_id}:{code}", giving)
            with suppress(TakenError):
                await self._app.accounts.add_account(
                    self._its, account.email, one.name, person_id, account.password
                )

    async def _enrolled(self) -> list[Colleague]:
        """The trainee, who is on record since the enrolment."""
        people = self._app.lists(self._administrator)
        row = self.trainee and await people.get(PERSON_LIST, number=self.trainee)
        if not row:
            return []
        self._ids[row.name] = row.person_id
        return [Colleague(row.name, Role.TRAINEE, since=row.since)]

    def _taught(self, one: Colleague) -> list[str | None]:
        """The codes of the classes for which somebody has the role; None: it is for no class."""
        number = one.class_number
        return [its[number - 1] for its in self.classes[-BATCHES:]] if number else [None]

    async def _do(self, what: str, command: msgspec.Struct) -> str:
        """Does it once; answers the id of what was changed."""
        ctx = self._app.context(self._administrator, idempotency_key=f"demo:staff:{what}")
        return (await execute(ctx, command)).stream_id
