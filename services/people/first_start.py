"""The first start: where there is no account, whoever started the installation makes head office's
first person by a one-time link that only the terminal shows.

Each start makes another link, and the one before is void; the first account ends it.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from uuid_utils.compat import uuid7

from domain.kernel.errors import Refusal
from domain.people.partner import HEAD_OFFICE_ID
from services.kernel.context import Context, Principal, Role
from services.kernel.ports import Log
from services.people.access import OPERATOR, SECRET_BYTES, NewUser, hashed_secret
from services.people.account import require_account
from services.people.inviting import become_person
from services.people.links import INVITED, url_of
from services.people.passwords import Passwords

ROLES_OF_FIRST = (Role.HEAD_OFFICE, Role.ADMINISTRATOR)
"""Sees all partners, and lets others in."""


class FirstLinkRows(Protocol):
    """The port of whoever starts; adapter in infra/access/first_start.py."""

    async def put_first_link(self, hashed: bytes, until: datetime) -> bool:
        """Makes the link in the place of another; False where there is an account."""


class FirstAccountRows(Protocol):
    """The port of whoever has the link; adapter in infra/access/first_start.py."""

    async def awaits_first(self, hashed: bytes | None, now: datetime) -> bool:
        """Whether there is no account, and this link makes it; None: any link."""

    async def make_first(
        self, hashed: bytes, user: NewUser, password_hash: str, now: datetime
    ) -> bool:
        """Makes the account; False where the link is over."""


async def first_link(rows: FirstLinkRows, now: datetime, origin: str) -> str | None:
    """A new link, with the secret, to be shown once; None where there is an account."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    is_made = await rows.put_first_link(hashed_secret(secret), now + INVITED)
    return url_of(origin, secret) if is_made else None


class FirstStart:
    """The use cases of who has the link, put together in infra/app.py."""

    def __init__(
        self,
        rows: FirstAccountRows,
        passwords: Passwords,
        log: Log,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows, self._passwords, self._log, self._clock = rows, passwords, log, clock

    async def is_open(self) -> bool:
        """Whether the first account is yet to be made, by a link that is good."""
        return await self._rows.awaits_first(None, self._clock())

    async def make_account(self, secret: str, *, name: str, email: str, password: str) -> str:
        """Makes the first account, of a person of head office's; answers its address. The person
        and the roles come first, and are nobody's door where the account does not follow.

        Refuses `first_link_over`, `link_over` where another was faster, what require_account
        refuses, and `too_busy`.
        """
        hashed = hashed_secret(secret)
        if not await self._rows.awaits_first(hashed, self._clock()):
            raise Refusal("first_link_over", field="link")
        address, name = require_account(email, name, password)
        proof = await self._passwords.hash(password)
        operator = Principal.of_system(HEAD_OFFICE_ID, OPERATOR)
        ctx = Context(principal=operator, log=self._log, now=self._clock())
        person_id = await become_person(ctx, name=name, email=address, roles=ROLES_OF_FIRST)
        user = NewUser(uuid7(), HEAD_OFFICE_ID, address, person_id)
        if not await self._rows.make_first(hashed, user, proof, self._clock()):
            raise Refusal("link_over", field="link")
        return address
