"""Mails to people: written in their language, sent by a worker."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec


class MailState(StrEnum):
    """Sending: a server is being told, or whoever told it was killed. The others but rendered are
    ends. Unknown: the server may have taken it, and it is not sent again. Refused: by the server,
    for good. Expired: it was of no use any more. Failed: nobody was told of it."""

    RENDERED = "rendered"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


class OutgoingMail(msgspec.Struct, frozen=True):
    """A mail as one person is to read it. to: an address."""

    to: str
    subject: str
    text: str


class Mails(Protocol):
    """The port of mails; adapter in infra/work/mails.py."""

    def require_reachable(self, address: str) -> None:
        """Refuses `email_invalid` as `post` does, before anything is made for whom it is to be sent
        to."""

    async def post(self, tenant_id: UUID, mail: OutgoingMail, until: datetime) -> UUID:
        """Has a mail sent once, before an instant or never; answers its id. What it says is kept,
        sealed, until it is sent. Refuses `email_invalid` of an address that none can be sent
        to."""

    async def state_of(self, tenant_id: UUID, mail_id: UUID) -> MailState | None: ...
