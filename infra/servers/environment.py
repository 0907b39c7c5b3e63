"""How a value of the environment is read; refused in one way, and without repeating it."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from domain.kernel.errors import Refusal

Network = IPv4Network | IPv6Network

ADDRESS_SCHEMES = ("https", "http")
USUAL_PORTS = {"https": ":443", "http": ":80"}
LONGEST_LABEL = 63
"""Characters of a part of a host's name (RFC 1035)."""


class SettingsError(Refusal):
    """A setting has a value that cannot be used. Parameters never hold the value of a secret."""


def one_of(env: Mapping[str, str], name: str, values: tuple[str, ...], default: str) -> str:
    value = env.get(name) or default
    if value not in values:
        raise SettingsError("setting_invalid", name=name, reason=", ".join(values))
    return value


def count(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000):
        raise SettingsError("setting_invalid", name=name, reason="1-999999")
    return int(text)


def address(env: Mapping[str, str], name: str) -> str | None:
    """An address that something is sent to, as it goes over the line."""
    value = url(env, name, ADDRESS_SCHEMES)
    if value is None:
        return None
    parts, is_plain = urlsplit(value), value.isascii() and value.isprintable() and " " not in value
    labels = (parts.hostname or "").split(".")
    is_whole = all(0 < len(label) <= LONGEST_LABEL for label in labels)
    if not is_plain or not is_whole or parts.username is not None:
        raise SettingsError("setting_malformed", name=name, example="https://example.com/…")
    return value


def origin(env: Mapping[str, str], name: str) -> str | None:
    """An address without a path, as links begin with it."""
    value = address(env, name)
    if value is not None and urlsplit(value)[2:] not in (("", "", ""), ("/", "", "")):
        raise SettingsError("setting_malformed", name=name, example="https://example.com")
    return value and _as_browsers_say(value)


def _as_browsers_say(origin: str) -> str:
    """In small letters and without the port that the scheme has anyway."""
    parts = urlsplit(origin.lower())
    host = parts.netloc.removesuffix(USUAL_PORTS[parts.scheme]).rstrip(":")
    return f"{parts.scheme}://{host}"


def url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    reason = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise SettingsError("setting_invalid", name=name, reason=reason) from error
    if parts.scheme not in schemes:
        raise SettingsError("setting_invalid", name=name, reason=reason)
    return value


def networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Networks and single addresses, by commas."""
    try:
        return tuple(ip_network(one.strip()) for one in env.get(name, "").split(",") if one.strip())
    except ValueError as error:
        example = "127.0.0.1, 10.0.0.0/8"
        raise SettingsError("setting_malformed", name=name, example=example) from error
