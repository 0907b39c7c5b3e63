"""By whom people sign in is said in the environment, whole or not at all."""

import pytest

from infra.access.providers import providers
from infra.access.registrations import registrations
from infra.bootstrap import utc_now
from infra.servers.environment import SettingsError

OIDC = {"CHUDAN_OIDC_ISSUER": "https://login.example.com", "CHUDAN_OIDC_CLIENT_ID": "chudan"}
FEISHU = {"CHUDAN_FEISHU_ID": "cli_1", "CHUDAN_FEISHU_SECRET": "its secret"}
WECOM = {"CHUDAN_WECOM_CORP": "ww1", "CHUDAN_WECOM_AGENT": "1", "CHUDAN_WECOM_SECRET": "its secret"}
DINGTALK = {"CHUDAN_DINGTALK_ID": "ding1", "CHUDAN_DINGTALK_SECRET": "its secret"}


def test_whom_the_environment_names_is_offered_and_nobody_else() -> None:
    assert registrations({}) == {}
    assert list(registrations(FEISHU | OIDC)) == ["oidc", "feishu"]
    everybody = registrations(FEISHU | WECOM | DINGTALK | OIDC)
    assert list(providers(everybody, utc_now)) == ["oidc", "dingtalk", "wecom", "feishu"]
    assert "its secret" not in repr(everybody)
    for issuer in ("http://localhost:9400", "http://127.0.0.1:9400/realm", "https://a.example/"):
        assert registrations(OIDC | {"CHUDAN_OIDC_ISSUER": issuer})["oidc"].issuer == issuer


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"CHUDAN_FEISHU_ID": "cli_1"}, "CHUDAN_FEISHU_SECRET"),
        (WECOM | {"CHUDAN_WECOM_AGENT": ""}, "CHUDAN_WECOM_AGENT"),
        (DINGTALK | {"CHUDAN_DINGTALK_SECRET": "a\nb"}, "CHUDAN_DINGTALK_SECRET"),
        (DINGTALK | {"CHUDAN_DINGTALK_ID": " ding1"}, "CHUDAN_DINGTALK_ID"),
        ({"CHUDAN_OIDC_CLIENT_ID": "chudan"}, "CHUDAN_OIDC_ISSUER"),
        (OIDC | {"CHUDAN_OIDC_ISSUER": "http://login.example.com"}, "CHUDAN_OIDC_ISSUER"),
        (OIDC | {"CHUDAN_OIDC_ISSUER": "https://a.example/?x=1"}, "CHUDAN_OIDC_ISSUER"),
        (OIDC | {"CHUDAN_OIDC_ISSUER": "ldap://a.example"}, "CHUDAN_OIDC_ISSUER"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_by_name(env: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        registrations(env)
    assert refused.value.params["name"] == name
    assert "its secret" not in str(refused.value.params)
