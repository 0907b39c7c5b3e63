"""The ways of a mail: to a server by SMTP, or into a folder where none is named."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from domain.kernel.errors import InstallationError, Refusal
from infra.servers.data_folder import write_private
from infra.work.mail_messages import FOLDER, MailMessage, file_of, readable

ANSWER_SECONDS = 20.0
AWAY_SECONDS = 30.0
"""For which a server that did not answer is not asked again, whatever mails there are."""

FAILED = 500
"""From this code on a server means it for good (RFC 5321, 4.2.1)."""

_CODES = re.compile(r"\d{3}(?: \d\.\d{1,3}\.\d{1,3})?")
"""A code, and an enhanced one (RFC 3463): what follows often names whom the mail is to."""

Begin = Callable[[], Awaitable[None]]
"""Notes, right before it, that the way cannot be gone again without sending it twice."""


class NotTakenError(Exception):
    """The server did not take it. answer: the code that it said. is_final: nor will it."""

    def __init__(self, error: SMTPResponseException) -> None:
        self.answer, self.is_final = _codes(error.code, error.message), error.code >= FAILED
        super().__init__(self.answer)


class Delivery(Protocol):
    """Sends a mail and answers the code that the server said.

    Raises InstallationError `mail_server_away` while nothing was told, NotTakenError, and whatever
    else where it cannot be known.
    """

    async def __call__(self, message: MailMessage, begin: Begin) -> str: ...


@cache
def delivery_of(smtp_url: str | None, data: Path) -> Delivery:
    """The one way of this process to a server, or into a data folder."""
    return _IntoFolder(data / FOLDER) if smtp_url is None else _BySmtp(smtp_url)


class _IntoFolder:
    """One file for each mail, the same however often it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, message: MailMessage, begin: Begin) -> str:
        path = self._folder / file_of(message.id)

        def write() -> None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_private(path, readable(message.content))

        await asyncio.to_thread(write)
        return path.name


class _BySmtp:
    """A server that takes mails in (RFC 5321, RFC 6409): over TLS where it offers that, and never
    without where a password is named."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        self._server: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": parts.port,
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password or "") if parts.username else None,
            "use_tls": is_tls,
            "start_tls": True if parts.username and not is_tls else None,
            "timeout": ANSWER_SECONDS,
        }
        if is_tls:
            self._server["start_tls"] = False
        self._away_until = 0.0

    async def __call__(self, message: MailMessage, begin: Begin) -> str:
        if time.monotonic() < self._away_until:
            raise _away()
        server = SMTP(**self._server)
        try:
            await self._introduce(server, message)
            await begin()
            try:
                answer = await server.data(message.content)
            except SMTPResponseException as error:
                raise NotTakenError(error) from error
            with suppress(SMTPException, OSError):
                await server.quit()
            return _codes(answer.code, answer.message)
        finally:
            server.close()

    async def _introduce(self, server: SMTP, message: MailMessage) -> None:
        """All that a server is told before what a mail says."""
        try:
            await server.connect()
            await server.mail(message.sender)
        except (SMTPException, OSError, ValueError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            said = error if isinstance(error, SMTPResponseException) else None
            structlog.get_logger("worker").warning(
                "mail_server_away",
                cause=type(error).__name__,
                answer=said and _codes(said.code, said.message),
            )
            raise _away() from error
        try:
            await server.rcpt(message.to)
        except SMTPResponseException as error:
            raise NotTakenError(error) from error
        except (SMTPException, OSError) as error:
            raise _away() from error


def _codes(code: int, text: str) -> str:
    """What is kept of an answer."""
    found = _CODES.match(f"{code} {text}")
    return found[0] if found else str(code)


def _away() -> InstallationError:
    return InstallationError(Refusal("mail_server_away"))
