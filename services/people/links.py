"""One-time links: by one somebody who was invited, or lost the password, chooses a password.

The secret stands in the link's fragment, which browsers send to nobody, so that it is in no log of
a server or a proxy; a page hands it on. Only its SHA-256 is kept. A newer link takes the place of
the one before.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFoundError, Refusal
from services.kernel.context import Role
from services.people.access import SECRET_BYTES, Accounts, Tenant, hashed_secret
from services.people.account import address_of, require_address
from services.people.guessing import Attempts, account_key, code_key
from services.people.mail import Mails, OutgoingMail
from services.people.passwords import Passwords, require_password
from services.words.texts import LOCALES, Texts, read_texts

PLACE = "/welcome"
INVITED, LOST = timedelta(days=7), timedelta(days=1)
"""For how long a link of an invitation is good, and of a lost password."""


class LinkedAccount(msgspec.Struct, frozen=True):
    """Whose a link is. organisation: its name."""

    tenant_id: UUID
    email: str
    name: str
    organisation: str


class Issuing(msgspec.Struct, frozen=True):
    """A new link, shown once, and where it was mailed, if it was. url: with the secret."""

    url: str
    expires_at: datetime
    mail_id: UUID | None = None


class LinkRows(Protocol):
    """The port of links; adapter in infra/access/links.py."""

    async def put_link(
        self, hashed: bytes, tenant_id: UUID, email: str, now: datetime, until: datetime
    ) -> LinkedAccount | None:
        """Makes a link of an account, in the place of another; None where there is no account."""

    async def readdress(self, tenant_id: UUID, email: str, to: str) -> None:
        """Gives an account another address, and takes its link away. Raises NotFoundError
        `account_unknown`; refuses `email_taken`, and `log_in_there` of who accepted."""

    async def find_link(self, hashed: bytes, now: datetime) -> LinkedAccount | None: ...

    async def use_link(self, hashed: bytes, password_hash: str, now: datetime) -> UUID | None:
        """Gives the account its password, ends its sessions and own tokens and takes its identities
        and passkeys off; answers which it is, None where the link is over."""


class Links:
    """The use cases of links, put together in infra/app.py. origin: what their addresses begin
    with."""

    def __init__(
        self,
        rows: LinkRows,
        accounts: Accounts,
        attempts: Attempts,
        passwords: Passwords,
        mails: Mails,
        clock: Callable[[], datetime],
        origin: str,
    ) -> None:
        self._rows, self._accounts, self._attempts = rows, accounts, attempts
        self._passwords, self._mails = passwords, mails
        self._clock, self._origin = clock, origin

    async def invite(
        self, *, email: str, name: str, role: Role | str, partner: str | None, by_mail: bool
    ) -> Issuing:
        """A person's account without a password, and the link by which it gets one; an operator's
        act. partner: a code; None for head office.

        Refuses what Accounts.create_user refuses, and `email_invalid` of an address that no mail
        can be sent to.
        """
        self.require_mail(email, by_mail)
        await self._accounts.create_user(
            email=email, name=name, role=role, partner=partner, password=None
        )
        its = await self._accounts.organisation(partner)
        return await self._issue(email, its, INVITED, "invitation", by_mail=by_mail)

    async def reset(self, *, email: str, partner: str | None, by_mail: bool) -> Issuing:
        """A link for somebody who lost the password; an operator's act. partner: as `invite`'s.

        Raises NotFoundError `account_unknown`; refuses what `invite` refuses of mails.
        """
        self.require_mail(email, by_mail)
        its = await self._accounts.organisation(partner)
        return await self._issue(email, its, LOST, "reset", by_mail=by_mail)

    async def reinvite(self, *, email: str, to: str, partner: str | None, by_mail: bool) -> Issuing:
        """A link for whoever was invited to an address that is not theirs, and now to their own; an
        operator's act. Refuses what `readdress` refuses."""
        its = await self._accounts.organisation(partner)
        await self.readdress(its, email, to, by_mail=by_mail)
        return await self._issue(to, its, INVITED, "invitation", by_mail=by_mail)

    async def readdress(self, its: Tenant, email: str, to: str, *, by_mail: bool = True) -> None:
        """Gives an account another address as long as nobody ever got in by it: its link is void.
        Refuses what `invite` refuses of an address, and what LinkRows.readdress refuses."""
        self.require_mail(to, by_mail)
        await self._rows.readdress(its.tenant_id, address_of(email), address_of(to))

    async def send_invitation(self, its: Tenant, email: str) -> None:
        """Mails the link of an invitation to who has an account of an organisation's. Refuses what
        `invite` refuses of mails."""
        self.require_mail(email, by_mail=True)
        await self._issue(email, its, INVITED, "invitation", by_mail=True)

    async def send_reset(self, its: Tenant, email: str) -> None:
        """Mails a link to who lost the password. Refuses what `reset` refuses."""
        self.require_mail(email, by_mail=True)
        await self._issue(email, its, LOST, "reset", by_mail=True)

    async def account_of(self, secret: str) -> LinkedAccount:
        """Whose a link is. Refuses `link_over` where it is nobody's, was used or is too old."""
        found = await self._rows.find_link(hashed_secret(secret), self._clock())
        if found is None:
            raise Refusal("link_over", field="link")
        return found

    async def choose_password(self, secret: str, password: str) -> LinkedAccount:
        """Gives the account of a link its password, by which alone one logs in from now on.

        Refuses `link_over`, what require_password refuses, and `too_busy`.
        """
        account = await self.account_of(secret)
        require_password(
            password, account.email.partition("@")[0], account.name, account.organisation
        )
        hashed = await self._passwords.hash(password)
        user_id = await self._rows.use_link(hashed_secret(secret), hashed, self._clock())
        if user_id is None:
            raise Refusal("link_over", field="link")
        # Who knew the old password guessed codes as well.
        for key in (account_key(account.email), code_key(user_id)):
            await self._attempts.forget(key)
        return account

    def require_mail(self, email: str, by_mail: bool) -> None:
        """Before there is an account, or a link of it. Refuses what `invite` does of an address."""
        address = require_address(email)
        if by_mail:
            self._mails.require_reachable(address)

    async def _issue(
        self, email: str, its: Tenant, good_for: timedelta, what: str, *, by_mail: bool
    ) -> Issuing:
        secret, now = secrets.token_urlsafe(SECRET_BYTES), self._clock()
        address, until = address_of(email), now + good_for
        account = await self._rows.put_link(
            hashed_secret(secret), its.tenant_id, address, now, until
        )
        if account is None:
            raise NotFoundError("account_unknown", field="email")
        issued = Issuing(url_of(self._origin, secret), until)
        if not by_mail:
            return issued
        mail = mail_of(issued, account, what, {name: read_texts(name) for name in LOCALES})
        mail_id = await self._mails.post(its.tenant_id, mail, until)
        return msgspec.structs.replace(issued, mail_id=mail_id)


def url_of(origin: str, secret: str) -> str:
    """The link itself. origin: what addresses of pages begin with."""
    return f"{origin}{PLACE}#{secret}"


def mail_of(
    issued: Issuing, account: LinkedAccount, what: str, texts: Mapping[str, Texts]
) -> OutgoingMail:
    """A mail with a link, in all languages, since nobody knows yet which the reader speaks. what:
    `invitation` or `reset`."""
    said = {"name": account.name, "partner": account.organisation, "url": issued.url}
    subjects, bodies = [], []
    for one in texts.values():
        named = said | {"day": one.day(issued.expires_at.date())}
        subjects.append(one(f"mail.{what}.subject", **named))
        bodies.append(one(f"mail.{what}.text", **named))
    return OutgoingMail(account.email, " · ".join(subjects), "\n\n".join(bodies) + "\n")
