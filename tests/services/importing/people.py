"""People as an import left them."""

from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.kernel.context import Context


async def person(ctx: Context, employee_no: str) -> Trainee:
    """Somebody's last stay."""
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "employee_no", employee_no)
    trainee = await ctx.log.aggregate(tenant, owner or "")
    assert isinstance(trainee, Trainee)
    return trainee


async def name_of(ctx: Context, person_id: str | None) -> str | None:
    """The name of somebody of the staff."""
    if person_id is None:
        return None
    found = await ctx.log.aggregate(ctx.principal.tenant, person_id)
    assert isinstance(found, Person)
    return found.name
