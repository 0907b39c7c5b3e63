"""DingTalk (钉钉) as its documentation describes it, read in November 2026.

open.dingtalk.com, "获取登录用户的访问凭证" (and open-dingtalk.github.io/developerpedia,
"浏览器内获取用户委托的访问凭证"): `/oauth2/auth` of login.dingtalk.com takes client_id,
redirect_uri, state, response_type `code`, scope `openid` and prompt `consent`, all needed but the
state, and returns with `authCode` and `state`, or with `error`. `POST /v1.0/oauth2/userAccessToken`
of api.dingtalk.com takes clientId, clientSecret, code and grantType as JSON and answers
accessToken, refreshToken and expireIn; a code is good once.

"获取用户通讯录个人信息": `GET /v1.0/contact/users/me` with the header
x-acs-dingtalk-access-token answers nick, unionId, openId and, where they are permitted, mobile and
email. What it answers where it refuses is not said there: code and message, as its other doors do.
"""

from urllib.parse import parse_qs, urlsplit

from tests.stand_ins.server import Answer, Asked

ID, SECRET, UNION_ID = "dingoaexample", "ding-secret", "z21HjQliSzpw0Yx"


class DingTalk:
    """person: what is answered of whoever agreed."""

    def __init__(self) -> None:
        self.codes = set[str]()
        self.person = {"nick": "李小龙", "unionId": UNION_ID, "openId": "123", "stateCode": "86"}

    def visited(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to it, and whose person agreed."""
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/oauth2/auth"
        fixed = {"response_type": "code", "scope": "openid", "prompt": "consent", "client_id": ID}
        assert fixed.items() <= asked.items() and asked["redirect_uri"]
        self.codes.add("an auth code")
        return {"authCode": "an auth code", "state": asked["state"]}

    def answered(self, asked: Asked) -> Answer:
        if asked.method == "POST" and asked.path == "/v1.0/oauth2/userAccessToken":
            return self._token(asked)
        if asked.method == "GET" and asked.path == "/v1.0/contact/users/me":
            if asked.headers.get("x-acs-dingtalk-access-token") == "a token":
                return Answer(self.person)
            return Answer({"code": "InvalidAuthentication", "message": "不合法的access_token"}, 401)
        return Answer({"code": "InvalidAction.NotFound"}, 404)

    def _token(self, asked: Asked) -> Answer:
        sent = asked.json
        is_ours = (sent["clientId"], sent["clientSecret"]) == (ID, SECRET)
        if not is_ours or sent["grantType"] != "authorization_code":
            return Answer({"code": "invalidClientIdOrSecret", "message": "无效的clientId"}, 400)
        if sent["code"] not in self.codes:
            return Answer({"code": "invalidCode", "message": "不合法的临时授权码"}, 400)
        self.codes.remove(sent["code"])
        return Answer({"accessToken": "a token", "refreshToken": "another", "expireIn": 7200})
