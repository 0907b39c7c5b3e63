"""People as an import left them."""

from typing import Any

from domain.kernel.whose import own_stream
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


async def contacts_of(ctx: Context, employee_no: str) -> tuple[str | None, str | None]:
    """The phone and the mail of somebody as the last stay begins."""
    stay = await person(ctx, employee_no)
    who: Any = await ctx.log.aggregate(ctx.principal.tenant, own_stream(stay.id))
    day = stay.employment.enrolled.entered_on
    return who.reached_by("phone", day), who.reached_by("mail", day)


async def name_of(ctx: Context, person_id: str | None) -> str | None:
    """The name of somebody of the staff."""
    if person_id is None:
        return None
    found = await ctx.log.aggregate(ctx.principal.tenant, person_id)
    assert isinstance(found, Person)
    return found.name
