"""By whom people sign in, and as what that provider knows the installation: of the environment.

CHUDAN_OIDC_ISSUER    the address of an OpenID Connect issuer, of https but on this machine
CHUDAN_OIDC_CLIENT_ID, CHUDAN_OIDC_CLIENT_SECRET   none of the secret with a public client
CHUDAN_DINGTALK_ID, CHUDAN_DINGTALK_SECRET         of an application of DingTalk (钉钉)
CHUDAN_WECOM_CORP, CHUDAN_WECOM_AGENT, CHUDAN_WECOM_SECRET   of one of WeCom (企业微信)
CHUDAN_FEISHU_ID, CHUDAN_FEISHU_SECRET             of one of Feishu (飞书)

A provider of which nothing is said is not offered.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from infra.servers.environment import SettingsError, address

LONGEST_VALUE = 500


class ClientRegistration(msgspec.Struct, frozen=True):
    """id: of the client or the application; with WeCom of the corporation. secret: empty where
    there is none. issuer: with OpenID Connect. agent: with WeCom, the application."""

    id: str
    secret: str = ""
    issuer: str = ""
    agent: str = ""

    def __repr__(self) -> str:
        return f"ClientRegistration(id={self.id!r})"


VARIABLES: Mapping[str, Mapping[str, str]] = {
    "oidc": {
        "issuer": "CHUDAN_OIDC_ISSUER",
        "id": "CHUDAN_OIDC_CLIENT_ID",
        "secret": "CHUDAN_OIDC_CLIENT_SECRET",
    },
    "dingtalk": {"id": "CHUDAN_DINGTALK_ID", "secret": "CHUDAN_DINGTALK_SECRET"},
    "wecom": {
        "id": "CHUDAN_WECOM_CORP",
        "agent": "CHUDAN_WECOM_AGENT",
        "secret": "CHUDAN_WECOM_SECRET",
    },
    "feishu": {"id": "CHUDAN_FEISHU_ID", "secret": "CHUDAN_FEISHU_SECRET"},
}
OPTIONAL = {"CHUDAN_OIDC_CLIENT_SECRET"}


def registrations(env: Mapping[str, str]) -> dict[str, ClientRegistration]:
    """By provider, in the order in which they are offered. Raises SettingsError `setting_missing`
    (name, beside), `setting_invalid` (name, reason) and `setting_malformed` (name, example)."""
    found = {}
    for provider, variables in VARIABLES.items():
        if not any(env.get(variable) for variable in variables.values()):
            continue
        for variable in variables.values():
            value = env.get(variable, "")
            if not value and variable not in OPTIONAL:
                beside = ", ".join(one for one in variables.values() if one != variable)
                raise SettingsError("setting_missing", name=variable, beside=beside)
            is_plain = value.isascii() and value.isprintable() and value == value.strip()
            if not is_plain or len(value) > LONGEST_VALUE:
                raise SettingsError("setting_invalid", name=variable, reason="ASCII, 1-500")
        found[provider] = ClientRegistration(
            **{at: env.get(name, "") for at, name in variables.items()}
        )
    if "oidc" in found:
        _require_issuer(env)
    return found


def is_kept_private(url: str) -> bool:
    """Whether nobody on the way reads what is sent to an address: https, or this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _require_issuer(env: Mapping[str, str]) -> None:
    name = VARIABLES["oidc"]["issuer"]
    issuer = address(env, name) or ""
    if not is_kept_private(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise SettingsError("setting_malformed", name=name, example="https://login.example.com")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
