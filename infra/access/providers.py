"""The providers by which people sign in here, of the environment's registrations."""

from collections.abc import Callable, Mapping
from datetime import datetime

from infra.access.registrations import ClientRegistration
from services.people.sign_in import Provider


def providers(
    registered: Mapping[str, ClientRegistration], clock: Callable[[], datetime]
) -> dict[str, Provider]:
    """By name, in the order in which they are offered."""
    return {name: _provider(name, its, clock) for name, its in registered.items()}


def _provider(name: str, its: ClientRegistration, clock: Callable[[], datetime]) -> Provider:
    # ruff: noqa: PLC0415 - most installations ask none of them, and load no client for that
    if name == "oidc":
        from infra.access.oidc import OidcProvider

        return OidcProvider(its, clock)
    if name == "dingtalk":
        from infra.access.dingtalk import DingTalkProvider

        return DingTalkProvider(its)
    if name == "wecom":
        from infra.access.wecom import WeComProvider

        return WeComProvider(its)
    from infra.access.feishu import FeishuProvider

    return FeishuProvider(its)
