"""DingTalk (钉钉), as its documentation says: open.dingtalk.com, "获取登录用户的访问凭证" and
"获取用户通讯录个人信息". Untried with the real service.

It knows no PKCE and no nonce: the state alone ties a code to a way. A person has one unionId with
all applications of one developer.
"""

from urllib.parse import urlencode

from infra.access.asking import text_in
from infra.access.hosted import HostedProvider
from services.people.sign_in import LONGEST_SUBJECT, ProviderIdentity, SignInWay


class DingTalkProvider(HostedProvider):
    """Implements services.people.sign_in.Provider."""

    NAME = "dingtalk"
    LOG_IN, API = "https://login.dingtalk.com", "https://api.dingtalk.com"

    code = "authCode"

    async def address(self, way: SignInWay) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._registered.id,
            "scope": "openid",
            "prompt": "consent",
            "redirect_uri": way.back,
            "state": way.state,
        }
        return f"{self._log_in}/oauth2/auth?{urlencode(asked)}"

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        sent = {
            "clientId": self._registered.id,
            "clientSecret": self._registered.secret,
            "code": code,
            "grantType": "authorization_code",
        }
        said = await self._asking.post(f"{self._api}/v1.0/oauth2/userAccessToken", json=sent)
        headers = {"x-acs-dingtalk-access-token": self._asking.token_in(said, "accessToken")}
        person = await self._asking.get(f"{self._api}/v1.0/contact/users/me", headers)
        subject = text_in(person, "unionId", LONGEST_SUBJECT)
        if not subject:
            raise self._asking.unavailable("unionId")
        return ProviderIdentity(self.NAME, self.LOG_IN, subject)
