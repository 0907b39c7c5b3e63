"""For whom a job is done: it may do no more than they may by then (services/people/acting.py)."""

from typing import Any
from uuid import UUID

import msgspec

from services.kernel.context import Principal, Role
from services.kernel.roles import in_role


class Behalf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of the payload of a job: who asked for it."""

    actor: str
    role: str
    zone: str

    def principal(self, tenant_id: UUID) -> Principal:
        """The one who asked, of the partner whose job it is."""
        return in_role(tenant_id, self.actor, Role(self.role), zone=self.zone)


def on_behalf(principal: Principal) -> dict[str, Any]:
    """The fields of Behalf."""
    return {"actor": principal.actor, "role": str(principal.role), "zone": principal.zone}
