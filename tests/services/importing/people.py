"""People as an import left them."""

from domain.trainees.trainee import Trainee
from services.kernel.context import Context


async def person(ctx: Context, employee_no: str) -> Trainee:
    """Somebody's last stay."""
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "employee_no", employee_no)
    trainee = await ctx.log.aggregate(tenant, owner or "")
    assert isinstance(trainee, Trainee)
    return trainee
