"""Mails as servers are told them: an address from whom, one to whom, and the bytes between."""

from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from services.people.mail import OutgoingMail

FOLDER = "mail"
"""Of the data folder, where no server is named."""


def file_of(mail_id: UUID) -> str:
    """The name of the file of a mail in that folder."""
    return f"{mail_id}.eml"


class MailMessage(msgspec.Struct, frozen=True):
    """The same of the same mail, however often it is made. sender, to: as `reachable` answers."""

    id: UUID
    sender: str
    to: str
    content: bytes


def message_of(mail_id: UUID, mail: OutgoingMail, sender: str, written_at: datetime) -> MailMessage:
    """Refuses `email_invalid`."""
    sender, to = reachable(sender), reachable(mail.to)
    message = EmailMessage()
    message["From"], message["To"] = Address(addr_spec=sender), Address(addr_spec=to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return MailMessage(mail_id, sender, to, message.as_bytes(policy=LINES))


def readable(content: bytes) -> bytes:
    """The same with the text as it is, for a file in which people look for a link: not every server
    takes that."""
    message = message_from_bytes(content, _class=EmailMessage, policy=LINES)
    message.set_content(message.get_content(), cte="8bit")
    return message.as_bytes()


def reachable(address: str) -> str:
    """A mail address as every server knows it: its domain in ASCII (IDNA). Refuses `email_invalid`
    of one that cannot be written to: what is before the `@` has no other form than its own."""
    local, _, domain = address.rpartition("@")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}").addr_spec
    except (ValueError, MessageError) as error:
        raise Refusal("email_invalid", field="email") from error
