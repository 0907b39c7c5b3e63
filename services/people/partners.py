"""A partner is taken in, with the administrator who lets its people in."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from domain.kernel.errors import Refusal
from domain.people.partner import DEFAULT_ZONE
from domain.planning.calendar import local_day
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.people.access import Accounts, Tenant
from services.people.account import address_of
from services.people.links import Issuing, Links

NEEDED: Final = Permission.MANAGE_PARTNERS


class TakenIn(msgspec.Struct, frozen=True):
    """A new partner. invited: how its administrator was, None where none was named."""

    partner: Tenant
    invited: Issuing | None


class Admissions:
    """The use case, head office's and the operator's, put together in infra/app.py."""

    def __init__(self, accounts: Accounts, links: Links, clock: Callable[[], datetime]) -> None:
        self._accounts, self._links, self._clock = accounts, links, clock

    async def create(
        self,
        principal: Principal,
        *,
        code: str,
        name: str,
        zone: str = DEFAULT_ZONE,
        window_days: int | None = None,
        admin: str | None = None,
    ) -> TakenIn:
        """A partner, and its first administrator, invited by mail. admin: the address.

        Refuses `zone_unknown`, `email_invalid` and what Accounts.create_partner refuses, all before
        anything is made. Raises PermissionRefusedError `permission_refused`, `everything_needed`.
        """
        principal.require_everything(NEEDED)
        try:
            local_day(self._clock(), zone)
        except Refusal as unknown:
            raise Refusal(unknown.code, field="zone", **unknown.params) from unknown
        if admin is not None:
            self._links.require_mail(admin, by_mail=True)
        made = await self._accounts.create_partner(code, name, zone, window_days=window_days)
        if admin is None:
            return TakenIn(made, None)
        # Until the administrator says otherwise; all of the address may be longer than a name.
        its, role = address_of(admin).partition("@")[0], Role.ADMINISTRATOR
        invited = await self._links.invite(
            email=admin, name=its, role=role, partner=made.code, by_mail=True
        )
        return TakenIn(made, invited)
