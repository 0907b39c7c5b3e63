"""The cookies of people, and the token that proves that a form came from one of our pages.

Answers are compressed, and by their size somebody could guess a secret that all of them repeat
(BREACH). So a form's token is its secrets under a mask of its own, another one in every answer.

The secrets are two: by the one of the session a form is carried out; by the one of its owner, a
person in this browser, it is known again when that session is over, to be shown once more.

Over https the cookies carry the `__Host-` prefix: no other host and no plain connection can set
them. Over http, on a loopback address, browsers refuse the prefix, so the plain names are used.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from domain.kernel.errors import PermissionRefusedError

HttpConnection = ASGIConnection[Any, Any, Any, Any]

LANGUAGE_COOKIE = "chudan_language"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
_SESSION = "chudan_session"
_VISIT = "chudan_visit"
_YEAR = 365 * 24 * 3600
_MASK = 64
"""Bytes, as many as the two secrets have."""

_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")


def session_token(connection: HttpConnection) -> str | None:
    """The session that the browser presents."""
    return connection.cookies.get(_name(connection, _SESSION))


def session_cookie(connection: HttpConnection, token: str, max_age: int) -> Cookie:
    """The cookie of a session. max_age: seconds; 0 takes it away."""
    return _cookie(connection, _SESSION, token, max_age)


def visit_cookie(connection: HttpConnection) -> Cookie:
    """The cookie that a form token is made from before the log-in: fresh, or the one presented."""
    token = visit_token(connection) or secrets.token_urlsafe(32)
    return _cookie(connection, _VISIT, token, _YEAR)


def language_cookie(connection: HttpConnection, language: str) -> Cookie:
    return _cookie(connection, LANGUAGE_COOKIE, language, _YEAR, prefixed=False)


def visit_token(connection: HttpConnection) -> str | None:
    """What the browser was given when it first came to the log-in; it outlives sessions."""
    return connection.cookies.get(_name(connection, _VISIT))


def csrf_token(anchor: str, owner: str = "") -> str:
    """A form token of a session or visit, another one each time; all of them stay good.

    It tells nothing of the cookie, which stays hidden from scripts. owner: see `owner_here`.
    """
    mask = secrets.token_bytes(_MASK)
    return (mask + _xor(mask, _secret(owner) + _secret(anchor))).hex()


def owner_here(connection: HttpConnection, actor: str) -> str:
    """A person in this browser, in whatever session; empty where it was never at the log-in."""
    visit = visit_token(connection)
    return f"{actor} {visit}" if visit else ""


def require_csrf(connection: HttpConnection, presented: object) -> None:
    """Requires the form token, of requests that a cookie authorises to change something.

    presented: the form field CSRF_FIELD or the header CSRF_HEADER, whatever came there. Raises
    PermissionRefusedError `csrf_refused`.
    """
    anchor = session_token(connection) or visit_token(connection)
    _, secret = _unmasked(presented)
    if not (anchor and _is_ours(connection) and hmac.compare_digest(_secret(anchor), secret)):
        raise PermissionRefusedError("csrf_refused")


def is_own_form(connection: HttpConnection, presented: object, actor: str) -> bool:
    """Whether a form token was made for this person in this browser, in whatever session.

    That a form may be shown again follows from it, and never that it may be carried out.
    """
    owner = owner_here(connection, actor)
    secret, _ = _unmasked(presented)
    return bool(owner) and _is_ours(connection) and hmac.compare_digest(_secret(owner), secret)


def _secret(anchor: str) -> bytes:
    return hashlib.sha256(b"chudan form " + anchor.encode()).digest()


def _is_ours(connection: HttpConnection) -> bool:
    """Whether no page of another site asks; old browsers do not say."""
    return connection.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _unmasked(presented: object) -> tuple[bytes, bytes]:
    """The secrets in a token, the owner's and the session's; nothing of what was never one."""
    try:
        pair = bytes.fromhex(presented) if isinstance(presented, str) else b""
    except ValueError:
        pair = b""
    if len(pair) != 2 * _MASK:
        return b"", b""
    both = _xor(pair[:_MASK], pair[_MASK:])
    return both[: _MASK // 2], both[_MASK // 2 :]


def _xor(mask: bytes, secret: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, secret, strict=True))


def local_path(address: str | None) -> str:
    """The address if it is a path on this host, else `/`: nobody is sent elsewhere."""
    return address if address and _LOCAL_PATH.fullmatch(address) else "/"


def _name(connection: HttpConnection, name: str) -> str:
    return f"__Host-{name}" if _is_secure(connection) else name


def _is_secure(connection: HttpConnection) -> bool:
    return connection.scope["scheme"] in ("https", "wss")


def _cookie(
    connection: HttpConnection, name: str, value: str, max_age: int, *, prefixed: bool = True
) -> Cookie:
    return Cookie(
        key=_name(connection, name) if prefixed else name,
        value=value,
        max_age=max_age,
        path="/",
        secure=_is_secure(connection),
        httponly=True,
        samesite="lax",
    )
