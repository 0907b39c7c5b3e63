"""Who gets an account becomes a person of the organisation, with roles, by events like
everybody's."""

from collections.abc import Iterable

from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.scopes import Scope
from services.people.person import AssignRole, RegisterPerson


async def become_person(ctx: Context, *, name: str, email: str, roles: Iterable[Role]) -> str:
    """Registers whoever an account is to be for, with roles from today on; answers the id. ctx: of
    an operator."""
    registering = RegisterPerson(name=name, since=ctx.today, mail=email)
    person_id = (await execute(ctx, registering)).stream_id
    for role in roles:
        await execute(ctx, AssignRole(person_id, ctx.today, role, Scope.ALL))
    return person_id
