"""What an organisation asks of whoever logs in there: ruled by who manages access."""

from datetime import date
from uuid import UUID

import msgspec

from domain.people.access_rules import AccessRules
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.ports import Log
from services.kernel.work import Work


class RequireCodes(msgspec.Struct, frozen=True):
    """Requires one-time codes of whoever logs in by a password, from a day on."""

    on: fields.PlannedDay


class LeaveCodes(msgspec.Struct, frozen=True):
    """Leaves it to everybody again whether a code is asked of them."""


@handler
async def require_codes(work: Work, command: RequireCodes) -> str:
    rules = await _kept_rules(work)
    rules.require_codes(on=command.on)
    return rules.id


@handler
async def leave_codes(work: Work, _: LeaveCodes) -> str:
    rules = await _kept_rules(work)
    rules.leave_codes()
    return rules.id


async def _kept_rules(work: Work) -> AccessRules:
    """Those of the organisation, new where there are none."""
    tenant = work.ctx.principal.tenant
    if await rules_of(work.ctx.log, tenant) is None:
        work.add(AccessRules.begin(AccessRules.id_of(tenant)))
    return await work.load(AccessRules, AccessRules.id_of(tenant))


async def rules_of(log: Log, tenant_id: UUID) -> AccessRules | None:
    """The rules of an organisation; None where it never ruled anything."""
    found = await log.aggregate(tenant_id, AccessRules.id_of(tenant_id))
    return found if isinstance(found, AccessRules) else None


async def are_codes_due(log: Log, tenant_id: UUID, today: date) -> bool:
    """Whether an organisation requires one-time codes today."""
    rules = await rules_of(log, tenant_id)
    return rules is not None and rules.are_codes_due(today)
