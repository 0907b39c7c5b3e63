"""A partner is taken in, with the administrator who lets its people in."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from domain.kernel.errors import Refusal
from domain.people.partner import DEFAULT_ZONE
from domain.planning.calendar import local_day
from services.kernel.context import Principal, Role
from services.kernel.fields import NAMES, TIDIED
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
        admin_name: str | None = None,
    ) -> TakenIn:
        """A partner, and its first administrator, invited by mail. admin: the address. admin_name:
        what this one is called; else by the address, until somebody says otherwise.

        Refuses `zone_unknown`, `email_invalid`, `name_missing`, `text_too_long`, `text_invalid` and
        what Accounts.create_partner refuses, all before anything is made. Raises
        PermissionRefusedError `permission_refused`, `everything_needed`.
        """
        principal.require_everything(NEEDED)
        try:
            local_day(self._clock(), zone)
        except Refusal as unknown:
            raise Refusal(unknown.code, field="zone", **unknown.params) from unknown
        if admin is not None:
            self._links.require_mail(admin, by_mail=True)
        if admin_name is not None:
            NAMES.check(admin_name, "admin_name", TIDIED.by)
            if not TIDIED.by(admin_name):
                raise Refusal("name_missing", field="admin_name")
        made = await self._accounts.create_partner(code, name, zone, window_days=window_days)
        if admin is None:
            return TakenIn(made, None)
        # All of the address may be longer than a name.
        its, role = admin_name or address_of(admin).partition("@")[0], Role.ADMINISTRATOR
        invited = await self._links.invite(
            email=admin, name=its, role=role, partner=made.code, by_mail=True
        )
        return TakenIn(made, invited)
