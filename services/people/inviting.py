"""Who is invited becomes a person of the partner, with a role, by events like everybody's."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.ports import Log
from services.kernel.scopes import Scope
from services.people.access import Tenant
from services.people.person import AssignRole, RegisterPerson


class PersonRows(Protocol):
    """The port of whose an account is; adapter in infra/access/accounts.py."""

    async def set_person(self, tenant_id: UUID, user_id: UUID, person_id: str) -> None: ...


class Invited:
    """The use case, an operator's act, put together in infra/app.py."""

    def __init__(self, rows: PersonRows, log: Log, clock: Callable[[], datetime]) -> None:
        self._rows, self._log, self._clock = rows, log, clock

    async def become_person(
        self, partner: Tenant, user_id: UUID, *, name: str, email: str, role: Role
    ) -> str:
        """Registers whoever an account is for, with a role from today on; answers the id."""
        ctx = Context(principal=partner.operator, log=self._log, now=self._clock())
        registering = RegisterPerson(name=name, since=ctx.today, mail=email)
        person_id = (await execute(ctx, registering)).stream_id
        await execute(ctx, AssignRole(person_id, ctx.today, role, Scope.ALL))
        await self._rows.set_person(partner.tenant_id, user_id, person_id)
        return person_id
