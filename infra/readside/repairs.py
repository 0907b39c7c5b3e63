"""The ways out for a projection that is parked: it is tried again, or passes over the command that
it cannot digest. Each is recorded: who took it, when, why, and what the projection was parked for.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from domain.kernel.bounds import Text, check
from domain.kernel.errors import Refusal
from infra.app import App
from infra.log.feed import end_of_command
from infra.readside import checkpoints
from infra.readside.checkpoints import Parked
from infra.readside.projector import Projector
from projections.kernel.projection import Projection

_RECORD = """
    insert into repairs
        (tenant_id, repair_id, projection, way, position, until, error, reason, actor)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


class Repair(msgspec.Struct, frozen=True):
    """A way out that somebody takes. position: where the projection was seen parked; it is no way
    out of anything else."""

    way: Literal["retry", "skip"]
    position: int
    reason: Annotated[str, Text(2_000, multiline=True)]
    actor: Annotated[str, Text(200)]


async def repair(
    app: App, tenant_id: UUID, projection: Projection[Any], repair: Repair
) -> Parked | None:
    """Takes a way out; answers where the projection is parked after all, if it is.

    Refuses `read_model_not_parked`, `field_missing`, `text_too_long`, `text_invalid`.
    """
    check(repair)
    await checkpoints.make_checkpoints(app.db, tenant_id, [projection])
    async with app.db.tenant(tenant_id) as tenant:
        locked = await checkpoints.lock(tenant, projection)
        if locked.parked_position is None or locked.parked_position != repair.position:
            raise Refusal("read_model_not_parked", name=projection.name, position=repair.position)
        await tenant.execute(
            _RECORD,
            uuid7(),
            projection.checkpoint,
            repair.way,
            locked.position + 1,
            await end_of_command(tenant, repair.position),
            locked.parked_error,
            repair.reason,
            repair.actor,
        )
    projector = Projector(app.db, app.log, [projection])
    tried_before = await checkpoints.instant(app.db)
    projector.retrying = replace(projector.retrying, since=tried_before)
    await projector.catch_up(tenant_id)
    parked = await app.list_parked(tenant_id)
    return next((one for one in parked if one.consumer == projection.checkpoint), None)
