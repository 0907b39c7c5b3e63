"""WeCom (企业微信), as its documentation says: developer.work.weixin.qq.com, "Web登录组件" (98171),
"获取access_token" (91039) and "获取用户登录身份" (98177). Untried with the real service.

It knows no PKCE and no nonce: the state alone ties a code to a way. The code is asked about with
the application's own token, which is kept as long as it is good. A userid is one person's within
the corporation.
"""

import time
from typing import Any
from urllib.parse import urlencode

from infra.access.asking import code_in, text_in
from infra.access.hosted import HostedProvider
from services.people.sign_in import LONGEST_SUBJECT, ProviderIdentity, SignInWay

SPARE_SECONDS = 300
"""Before its end a token is not used any more."""

TOKEN_OVER = ("40014", "42001")
CODE_REFUSED = "40029"
"""What the service says of a token that is good no more, and of a code."""


class WeComProvider(HostedProvider):
    """Implements services.people.sign_in.Provider."""

    NAME = "wecom"
    LOG_IN, API = "https://login.work.weixin.qq.com", "https://qyapi.weixin.qq.com"

    _token, _until = "", 0.0

    async def address(self, way: SignInWay) -> str:
        asked = {
            "login_type": "CorpApp",
            "appid": self._registered.id,
            "agentid": self._registered.agent,
            "redirect_uri": way.back,
            "state": way.state,
        }
        return f"{self._log_in}/wwlogin/sso/login?{urlencode(asked)}"

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        said = await self._asked(code)
        if code_in(said) in TOKEN_OVER:
            self._until = 0.0
            said = await self._asked(code)
        if code_in(said) == CODE_REFUSED:
            raise self._asking.refused("code", said=CODE_REFUSED)
        if said.get("errcode") != 0:
            raise self._asking.unavailable("getuserinfo", said=code_in(said))
        subject = text_in(said, "userid", LONGEST_SUBJECT)
        if not subject:  # Somebody who is no member of the corporation.
            raise self._asking.refused("userid")
        return ProviderIdentity(self.NAME, self._registered.id, subject)

    async def _asked(self, code: str) -> Any:
        asked = {"access_token": await self._own_token(), "code": code}
        return await self._asking.get(f"{self._api}/cgi-bin/auth/getuserinfo", params=asked)

    async def _own_token(self) -> str:
        if time.monotonic() >= self._until:
            asked = {"corpid": self._registered.id, "corpsecret": self._registered.secret}
            said = await self._asking.get(f"{self._api}/cgi-bin/gettoken", params=asked)
            lasts = said.get("expires_in")
            if said.get("errcode") != 0 or not isinstance(lasts, int):
                raise self._asking.unavailable("gettoken", said=code_in(said))
            self._token = self._asking.token_in(said, "access_token")
            self._until = time.monotonic() + max(lasts - SPARE_SECONDS, 0)
        return self._token
