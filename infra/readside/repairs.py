"""The ways out for a projection that is parked: it is tried again, or passes over the command that
it cannot digest; what it passes over may be tried again later. A reactor has the same ways but for
that last. Each is recorded: who took it, when, why, and what the projection was parked for.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from domain.kernel.bounds import Text, check
from domain.kernel.errors import Refusal
from infra.app import App
from infra.database.db import TenantConnection
from infra.database.retries import is_waited_for
from infra.log.feed import end_of_command, position_at
from infra.readside import checkpoints
from infra.readside.checkpoints import Parked
from infra.readside.folding import Stop
from infra.readside.projector import Projector
from infra.readside.reactors import Reactors
from projections.kernel.projection import Projection
from services.reactors import REACTORS
from services.reactors.reactor import Reactor

_RECORD = """
    insert into repairs
        (tenant_id, repair_id, projection, way, position, until, error, reason, actor)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_PARKED_FOR = """
    select error from repairs
    where tenant_id = $1 and projection = $2 and position = $3 and way = 'skip'
    order by repair_id desc limit 1
"""


class Repair(msgspec.Struct, frozen=True):
    """A way out that somebody takes. position: where the projection was seen parked, or what it
    passes over and is to try again; it is no way out of anything else."""

    way: Literal["retry", "skip"]
    position: int
    reason: Annotated[str, Text(2_000, multiline=True)]
    actor: Annotated[str, Text(200)]


def repairable(app: App, name: str) -> Projection[Any] | Reactor:
    """The projection or reactor of a name, or of its checkpoint's. Raises NotFoundError
    `projection_unknown`."""
    for reactor in REACTORS:
        if name in (reactor.name, reactor.checkpoint):
            return reactor
    (found,) = app.rebuilder.chosen(name)
    return found


async def repair(
    app: App, tenant_id: UUID, projection: Projection[Any] | Reactor, chosen: Repair
) -> Parked | None:
    """Takes a way out; answers where it is parked after all, if it is.

    Refuses `read_model_not_parked`, `read_model_still_skips`, `field_missing`, `text_too_long`,
    `text_invalid`.
    """
    check(chosen)
    await checkpoints.make_checkpoints(app.db, tenant_id, [projection])
    async with app.db.tenant(tenant_id) as tenant:
        locked = await checkpoints.lock(tenant, projection)
        at = chosen.position
        skipped = [(first, last) for first, last in locked.skipped if first <= at <= last]
        if chosen.way == "retry" and skipped and isinstance(projection, Projection):
            await _take_back(app, tenant, projection, locked, chosen, *skipped[0])
        else:
            error = locked.parked_error
            if error is None or locked.parked_position != at:
                raise Refusal("read_model_not_parked", name=projection.name, position=at)
            first, last = await position_at(tenant, at - 1) + 1, await end_of_command(tenant, at)
            await _record(tenant, projection, chosen, first, last, error)
    follower = (
        Reactors(app, [projection])
        if isinstance(projection, Reactor)
        else Projector(app.db, app.log, [projection])
    )
    tried_before = await checkpoints.instant(app.db)
    follower.retrying = replace(follower.retrying, since=tried_before)
    await follower.catch_up(tenant_id)
    parked = await checkpoints.list_parked(app.db, [projection], tenant_id=tenant_id)
    return parked[0] if parked else None


async def _take_back(
    app: App,
    tenant: TenantConnection,
    projection: Projection[Any],
    locked: checkpoints.LockedCheckpoint,
    chosen: Repair,
    first: int,
    last: int,
) -> None:
    """Ends a skip, and makes the rows anew with what was passed over, up to where the projection
    has come, which may be parked elsewhere; else all stays as it was."""
    error = await tenant.fetchval(_PARKED_FOR, projection.checkpoint, first)
    await _record(tenant, projection, chosen, first, last, error)
    try:
        await app.rebuilder.replace(tenant, projection, locked, until=locked.position)
    except Exception as failed:
        if is_waited_for(failed):
            raise
        raise Refusal(
            "read_model_still_skips",
            name=projection.name,
            position=first,
            error=Stop(first, failed).kind,
        ) from failed


async def _record(
    tenant: TenantConnection,
    projection: Projection[Any] | Reactor,
    chosen: Repair,
    first: int,
    last: int,
    error: str,
) -> None:
    await tenant.execute(
        _RECORD,
        uuid7(),
        projection.checkpoint,
        chosen.way,
        first,
        last,
        error,
        chosen.reason,
        chosen.actor,
    )
