"""The scheme and the client of a request behind proxies, by whom they trust."""

from ipaddress import ip_network
from typing import Any

import pytest
from litestar.types import Receive, Scope, Send
from structlog.testing import capture_logs

from api.edge import EdgeMiddleware
from api.http.monitoring import Metrics
from api.http.proxies import TrustedProxies

TRUSTED = [ip_network(one) for one in ("127.0.0.1", "10.0.0.0/8", "fd00::/8")]
ATTACKER, CLIENT, OUTER, INNER = "6.6.6.6", "203.0.113.9", "10.1.2.3", "127.0.0.1"


async def seen(peer: str | None, *headers: tuple[str, str], kind: str = "http") -> tuple[Any, Any]:
    """The client's address and the scheme that the application sees."""
    found: list[Any] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        found.append(scope)

    scope: Any = {
        "type": kind,
        "scheme": {"http": "http", "websocket": "ws"}[kind],
        "client": peer and (peer, 4711),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    nothing: Any = None
    await TrustedProxies(app, TRUSTED)(scope, nothing, nothing)
    client = found[0]["client"]
    return client and client[0], found[0]["scheme"]


def of(hops: str, schemes: str = "https") -> tuple[tuple[str, str], tuple[str, str]]:
    return ("x-forwarded-for", hops), ("x-forwarded-proto", schemes)


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        # Nobody else's word counts.
        (CLIENT, of(ATTACKER), (CLIENT, "http")),
        (None, of(ATTACKER), (None, "http")),
        (INNER, (), (INNER, "http")),
        (INNER, of(CLIENT), (CLIENT, "https")),
        ("::ffff:127.0.0.1", of(CLIENT), (CLIENT, "https")),
        (INNER, of(f"{CLIENT}:50123"), (CLIENT, "https")),
        (INNER, of("[2001:db8::9]:50123"), ("2001:db8::9", "https")),
        ("fd00::1", of("2001:db8::9", "http"), ("2001:db8::9", "http")),
        # What the client made up stands before what the proxy saw.
        (INNER, of(f"{ATTACKER}, {CLIENT}", "https, http"), (CLIENT, "http")),
        (INNER, (*of(ATTACKER), *of(CLIENT, "http")), (CLIENT, "http")),
        # Two proxies: the inner one passes the scheme on, or appends its own connection's.
        (INNER, of(f"{CLIENT}, {OUTER}"), (CLIENT, "https")),
        (INNER, of(f"{CLIENT}, {OUTER}", "https, http"), (CLIENT, "https")),
        (INNER, of(f"{ATTACKER}, {CLIENT}, {OUTER}", "https, http, http"), (CLIENT, "http")),
        # Nobody but proxies is known, or what is said is no address or no scheme.
        (INNER, of(f"10.9.9.9, {OUTER}"), ("10.9.9.9", "https")),
        (INNER, of("unknown"), (INNER, "http")),
        (INNER, of(f"{CLIENT}, unknown"), (INNER, "http")),
        (INNER, of(f"unknown, {OUTER}"), (OUTER, "https")),
        (INNER, of(CLIENT, "gopher"), (CLIENT, "http")),
    ],
)
async def test_whoever_stands_before_the_proxies_is_the_client(
    peer: str, headers: Any, expected: tuple[str, str]
) -> None:
    assert await seen(peer, *headers) == expected


async def test_a_proxy_that_nobody_named_is_told_of_once() -> None:
    async def app(*_: Any) -> None:
        pass

    scope: Any = {"type": "http", "client": (OUTER, 4711), "headers": []}
    told: Any = {**scope, "headers": [(b"x-forwarded-for", CLIENT.encode())]}
    nothing: Any = None
    seeing = TrustedProxies(app, [])
    with capture_logs() as logged:
        for one in (scope, told, told):
            await seeing(one, nothing, nothing)
    assert [(one["event"], one["peer"]) for one in logged] == [("proxy_not_trusted", OUTER)]
    assert "CHUDAN_TRUSTED_PROXIES" in logged[0]["do"]


async def test_a_websocket_behind_a_proxy_is_secure_as_well() -> None:
    assert await seen(INNER, *of(CLIENT), kind="websocket") == (CLIENT, "wss")


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_browsers_are_told_to_stay_with_tls_by_the_scheme_before_the_proxy(
    scheme: str,
) -> None:
    sent: list[Any] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        start: Any = {"type": "http.response.start", "status": 200, "headers": []}
        await send(start)

    async def send(message: Any) -> None:
        sent.extend(name for name, _ in message["headers"])

    asked: Any = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "scheme": "http",
        "client": (INNER, 4711),
        "headers": [(b"x-forwarded-for", CLIENT.encode()), (b"x-forwarded-proto", scheme.encode())],
    }
    nothing: Any = None
    await TrustedProxies(EdgeMiddleware(app, Metrics()), TRUSTED)(asked, nothing, send)
    assert (b"strict-transport-security" in sent) == (scheme == "https")
