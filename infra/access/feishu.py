"""Feishu (飞书), as its documentation says: open.feishu.cn, "获取授权码", "获取 user_access_token"
(v2) and "获取用户信息". Untried with the real service.

Its authorization follows RFC 6749 and takes PKCE. A person has one union_id with all applications
of one developer.
"""

from urllib.parse import urlencode

from infra.access.asking import code_in, text_in
from infra.access.hosted import HostedProvider
from services.people.sign_in import LONGEST_SUBJECT, ProviderIdentity, SignInWay


class FeishuProvider(HostedProvider):
    """Implements services.people.sign_in.Provider."""

    NAME = "feishu"
    LOG_IN, API = "https://accounts.feishu.cn", "https://open.feishu.cn"

    async def address(self, way: SignInWay) -> str:
        asked = {
            "client_id": self._registered.id,
            "response_type": "code",
            "redirect_uri": way.back,
            "state": way.state,
            "code_challenge": way.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._log_in}/open-apis/authen/v1/authorize?{urlencode(asked)}"

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        sent = {
            "grant_type": "authorization_code",
            "client_id": self._registered.id,
            "client_secret": self._registered.secret,
            "code": code,
            "redirect_uri": way.back,
            "code_verifier": way.verifier,
        }
        said = await self._asking.post(f"{self._api}/open-apis/authen/v2/oauth/token", json=sent)
        if said.get("code") != 0:
            raise self._asking.refused("token", said=code_in(said))
        headers = {"Authorization": f"Bearer {self._asking.token_in(said, 'access_token')}"}
        person = await self._asking.get(f"{self._api}/open-apis/authen/v1/user_info", headers)
        subject = text_in(person.get("data"), "union_id", LONGEST_SUBJECT)
        if person.get("code") != 0 or not subject:
            raise self._asking.unavailable("user_info", said=code_in(person))
        return ProviderIdentity(self.NAME, self.LOG_IN, subject)
