"""The log-ins of an organisation's people, for who manages people: invited, sent another link, let
in again. What is mailed goes to the address of the log-in, and no link is shown to who sends it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Final, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.kernel.bounds import check
from domain.kernel.errors import NotFoundError, Refusal
from domain.people.person import Person
from services.execute import execute, repeated
from services.kernel import fields
from services.kernel.context import Context, Principal, Role
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.kernel.scopes import Ids, Scope
from services.people.access import Accounts
from services.people.account import address_of
from services.people.guessing import Attempts, account_key, code_key
from services.people.links import Links
from services.people.person import AssignRole
from services.people.rights import (
    Persons,
    as_person,
    may_be_given,
    require_held,
    rights_in,
    rights_of,
)


class InvitePerson(msgspec.Struct, frozen=True):
    """Invites somebody who is on record to log in. on: from when the role holds."""

    person_id: fields.PersonId
    mail: fields.Mail
    on: fields.Day
    role: Annotated[
        Role | None, Meta(description="The role; if not given, those that the person has.")
    ] = None
    scope: Annotated[Scope, Meta(description="Over whom; the role may not reach farther.")] = (
        Scope.ALL
    )


class LogIn(msgspec.Struct, frozen=True):
    """By which address a person logs in. is_accepted: whether there is a way in; before, the link
    of the invitation is good until link_until; None where it is void."""

    person_id: str
    user_id: UUID
    email: str
    created_at: datetime
    is_accepted: bool = True
    link_until: datetime | None = None

    def awaits(self, now: datetime) -> bool:
        """Whether the invitation can still be accepted."""
        return not self.is_accepted and self.link_until is not None and self.link_until > now

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the invitation can be accepted no more, or never went."""
        return not self.is_accepted and not self.awaits(now)


class LogInRows(Protocol):
    """The port of the accounts of persons; adapter in infra/access/log_ins.py."""

    async def of_people(self, tenant_id: UUID, ids: Collection[str]) -> Sequence[LogIn]: ...

    async def is_elsewhere(self, tenant_id: UUID, email: str) -> bool:
        """Whether another organisation has an account of this address that a password opens."""


_MAY: Final = Permission.MANAGE_PEOPLE


class LogIns:
    """The use cases, put together in infra/app.py. All raise PermissionRefusedError
    `permission_refused`, `everything_needed`; what is about a log-in NotFoundError
    `log_in_unknown` of somebody who has none."""

    def __init__(
        self, rows: LogInRows, links: Links, accounts: Accounts, attempts: Attempts
    ) -> None:
        self._rows, self._links = rows, links
        self._accounts, self._attempts = accounts, attempts

    async def list_of(self, asker: Principal, ids: Collection[str]) -> dict[str, LogIn]:
        """Those of persons, by their ids."""
        asker.require_everything(_MAY)
        return {one.person_id: one for one in await self._rows.of_people(asker.tenant, ids)}

    async def is_locked(self, asker: Principal, person_id: str) -> bool:
        """Whether the log-in of somebody waits until it is unlocked."""
        return await self._attempts.is_locked(_keys(await self._log_in(asker, person_id)))

    async def invite(self, ctx: Context, asked: InvitePerson) -> None:
        """An account of a person's, who has the role besides, and the mail by which it gets a
        password; what `chudan user invite` makes of somebody who is not on record yet.

        Asked again with its key, it sends the mail that did not go before; asked anew before
        anybody accepted, it goes on with that account, which gets the address. Refuses
        `log_in_there` of who did accept, `invited_there` where that very link is still good, what
        AssignRole, Accounts.add_account and Links.readdress refuse, and `right_not_held` also of
        what the person may do already: whoever reads the mail gets that.
        """
        giver, person_id = ctx.principal, asked.person_id
        giver.require_everything(_MAY)
        check(asked)
        giving = None if asked.role is None else _giving(asked, Role(asked.role))
        if giving is not None and await repeated(ctx, giving):
            await self._send_on(giver, person_id)
            return
        person = await self._person(ctx, person_id)
        known = (await self.list_of(giver, [person_id])).get(person_id)
        if known is not None:
            _require_open(known, asked.mail, ctx.now)
        if giving is not None:
            await execute(rehearsing(ctx), giving)
            own = Ids((person_id,))
            reached = rights_in(giving.role, giving.scope).items()
            require_held(giver, {one: dict.fromkeys(its, own) for one, its in reached}, "role")
        elif not person.roles_on(ctx.today):
            raise Refusal("field_missing", field="role")
        # Also of who is suspended, which is lifted later, and of whom they stand in for.
        away = [await self._person(ctx, one) for one in sorted(person.stands_in_on(ctx.today))]
        for one in (person, *away):
            require_held(giver, rights_of(one.roles_on(ctx.today), Ids((one.id,))), "role")
        may = await as_person(Persons(ctx.log, giver.tenant), giver, person_id, ctx.today)
        require_held(giver, may.rights, "role")
        its = await self._accounts.organisation_of(giver.tenant)
        self._links.require_mail(asked.mail, by_mail=True)
        if known is None:
            await self._accounts.add_account(its, asked.mail, person.name, person_id)
        elif known.email != address_of(asked.mail):
            await self._links.readdress(its, known.email, asked.mail)
        if giving is not None:
            await execute(ctx, giving)
        await self._links.send_invitation(its, asked.mail)

    async def reset(self, asker: Principal, person_id: str) -> bool:
        """Mails somebody a link to choose a password by, in the place of the one before. False of
        who has not accepted the invitation, and is invited again."""
        log_in = await self._log_in(asker, person_id)
        its = await self._accounts.organisation_of(asker.tenant)
        send = self._links.send_reset if log_in.is_accepted else self._links.send_invitation
        await send(its, log_in.email)
        return log_in.is_accepted

    async def unlock(self, asker: Principal, person_id: str) -> None:
        """Lets somebody log in again whose log-in is locked: not earlier, as that would be a way to
        guess on. Refuses `log_in_not_locked`, and `log_in_elsewhere` where the address has an
        account of somebody else's too."""
        log_in = await self._log_in(asker, person_id)
        locked = [key for key in _keys(log_in) if await self._attempts.is_locked([key])]
        if not locked:
            raise Refusal("log_in_not_locked")
        is_shared = account_key(log_in.email) in locked
        if is_shared and await self._rows.is_elsewhere(asker.tenant, log_in.email):
            raise Refusal("log_in_elsewhere")
        for key in locked:
            await self._attempts.forget(key)

    async def _send_on(self, asker: Principal, person_id: str) -> None:
        """Sends the invitation of whoever got account and role, but no link of it any more."""
        its = await self._accounts.organisation_of(asker.tenant)
        for log_in in (await self.list_of(asker, [person_id])).values():
            if not log_in.is_accepted and log_in.link_until is None:
                await self._links.send_invitation(its, log_in.email)

    async def _log_in(self, asker: Principal, person_id: str) -> LogIn:
        found = (await self.list_of(asker, [person_id])).get(person_id)
        if found is None:
            raise NotFoundError("log_in_unknown")
        return found

    async def _person(self, ctx: Context, person_id: str) -> Person:
        found = await ctx.log.aggregate(ctx.principal.tenant, person_id)
        if not isinstance(found, Person) or found.is_withdrawn:
            raise NotFoundError("person_unknown", field="person_id")
        return found


def roles_to_give(giver: Principal) -> list[Role]:
    """The roles with which somebody can invite others, which are for no class."""
    return [one for one in Role if may_be_given(giver, one)]


def _require_open(log_in: LogIn, mail: str, now: datetime) -> None:
    """Refuses what `LogIns.invite` refuses of who has an account."""
    if log_in.is_accepted:
        raise Refusal("log_in_there", field="mail")
    if log_in.awaits(now) and log_in.email == address_of(mail):
        raise Refusal("invited_there", field="mail")


def _keys(log_in: LogIn) -> list[bytes]:
    """Under which is counted who guesses at a log-in."""
    return [account_key(log_in.email), code_key(log_in.user_id)]


def _giving(asked: InvitePerson, role: Role) -> AssignRole:
    return AssignRole(asked.person_id, asked.on, role, Scope(asked.scope))
