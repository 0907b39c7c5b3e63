"""Who asks, and over what, where a proxy stands between.

A proxy tells of the connection that it took in: X-Forwarded-For names the peer, X-Forwarded-Proto
the scheme, and each one on the way appends. What a peer says counts only where that peer is
trusted; all before the first that is not may have been made up by whoever asks.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import structlog
from litestar.types import ASGIApp, Receive, Scope, Send

SECURE = {"http": "https", "websocket": "wss"}
PLAIN = {"http": "http", "websocket": "ws"}
"""What a scope of each type says of its connection, with TLS and without."""

SCHEMES = {"https": SECURE, "wss": SECURE, "http": PLAIN, "ws": PLAIN}


ADVICE = "if it is a proxy of yours, name it in CHUDAN_TRUSTED_PROXIES"


class TrustedProxies:
    """ASGI middleware, outermost: puts the client and the scheme of the last connection that nobody
    trusted made in the place of the proxy's own. Warns once of what it does not believe."""

    def __init__(self, app: ASGIApp, trusted: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._trusted = trusted
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in SECURE:
            self._see_through(scope)
        await self._app(scope, receive, send)

    def _see_through(self, scope: Any) -> None:
        peer = _address(scope["client"][0]) if scope.get("client") else None
        hops, schemes = _said(scope, b"x-forwarded-for"), _said(scope, b"x-forwarded-proto")
        seen = 0
        while peer and self._trusts(peer) and seen < len(hops):
            before = _address(hops[-1 - seen])
            if before is None:
                break
            peer, seen = before, seen + 1
        if not seen:
            if hops and peer and not self._trusts(peer) and not self._has_warned:
                self._has_warned = True
                structlog.get_logger("api").warning("proxy_not_trusted", peer=str(peer), do=ADVICE)
            return
        scope["client"] = (str(peer), 0)
        # Fewer than the hops where one of the proxies passes on what it was told.
        if schemes and (known := SCHEMES.get(schemes[-min(seen, len(schemes))].lower())):
            scope["scheme"] = known[scope["type"]]

    def _trusts(self, peer: IPv4Address | IPv6Address) -> bool:
        return any(peer in network for network in self._trusted)


def _said(scope: Any, name: bytes) -> list[str]:
    """What all headers of a name list, the nearest proxy's word last."""
    values = (value.decode("latin-1") for header, value in scope["headers"] if header == name)
    return [one.strip() for value in values for one in value.split(",")]


def _address(said: str) -> IPv4Address | IPv6Address | None:
    """The address of a peer, written with a port or without; None of what is none."""
    host = said.partition("]")[0].lstrip("[") if said.startswith("[") else said
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
