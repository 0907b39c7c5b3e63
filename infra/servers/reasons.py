"""Why the system, PostgreSQL or Redis refuses something, as a word of the catalogs (msgid
`word.<word>`): what they say themselves is in a language of their own."""

import errno
import os
import re
import socket
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from infra.servers.private_files import NO_ROOM

NO_ANSWER = "reason.no_answer"
_OF_THE_SYSTEM: Mapping[int, str] = MappingProxyType(
    dict.fromkeys(NO_ROOM, "reason.no_room")
    | dict.fromkeys((errno.EACCES, errno.EPERM), "reason.not_permitted")
    | dict.fromkeys((errno.EHOSTUNREACH, errno.ENETUNREACH), "reason.unreachable")
    | dict.fromkeys((errno.ECONNRESET, errno.EPIPE), "reason.broken_off")
    | dict.fromkeys((errno.EMFILE, errno.ENFILE), "reason.too_many_files")
    | {
        errno.ENOENT: "reason.not_there",
        errno.EISDIR: "reason.is_folder",
        errno.ENOTDIR: "reason.no_folder",
        errno.EROFS: "reason.read_only",
        errno.ENAMETOOLONG: "reason.name_too_long",
        errno.EADDRNOTAVAIL: "reason.not_our_address",
        errno.ECONNREFUSED: "reason.nobody_listens",
        errno.ETIMEDOUT: NO_ANSWER,
    }
)
_OF_POSTGRES: Mapping[str, str] = MappingProxyType(
    {
        "08": "reason.broken_off",
        "28000": "reason.not_let_in",
        "28P01": "reason.password_wrong",
        "3D000": "reason.no_database",
        "42501": "reason.not_permitted",
        "53100": "reason.no_room",
        "53300": "reason.too_many_connections",
        "57P": "reason.stopped",
    }
)
"""What an SQLSTATE begins with -> the word."""
_IN_TEXT = re.compile(r"\[Errno (\d+)\]")


def why(error: BaseException) -> str:
    """The word for an error, or for the first of those behind it that has one; else what the error
    is called: a name or number that is the same in every language."""
    return next(filter(None, map(_word, _and_behind(error))), None) or _name(error)


def tells_of_no_room(text: str) -> bool:
    """Whether a program or a server says that the system had no room for it."""
    return any(os.strerror(number) in text for number in NO_ROOM)


def _and_behind(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _word(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return "reason.host_unknown"
    if isinstance(error, TimeoutError):
        return NO_ANSWER
    if isinstance(error, OSError):
        return _OF_THE_SYSTEM.get(_number(error))
    if state := _state(error):
        return next((word for its, word in _OF_POSTGRES.items() if state.startswith(its)), None)
    return "reason.address_invalid" if isinstance(error, ValueError) else None


def _number(error: OSError) -> int:
    """0 where there is none. Of several addresses that were tried, the first one's: asyncio tells
    of all in one text."""
    in_text = _IN_TEXT.search(str(error))
    return error.errno or (int(in_text[1]) if in_text else 0)


def _name(error: BaseException) -> str:
    if isinstance(error, OSError) and (number := _number(error)):
        return errno.errorcode.get(number, str(number))
    state = _state(error)
    return f"SQLSTATE {state}" if state else type(error).__name__


def _state(error: BaseException) -> Any:
    """The SQLSTATE of an error of PostgreSQL."""
    return getattr(error, "sqlstate", None)
