"""WeCom (企业微信) as its documentation describes it, read in November 2026.

developer.work.weixin.qq.com/document/path/98171, "Web登录组件": `/wwlogin/sso/login` of
login.work.weixin.qq.com takes login_type `CorpApp`, appid (the corporation's id), agentid,
redirect_uri and state, and returns with `code` and `state`.

/document/path/91039, "获取access_token": `GET /cgi-bin/gettoken` of qyapi.weixin.qq.com takes
corpid and corpsecret and answers errcode 0, access_token and expires_in; it is to be kept, may end
early, and is not to be asked for often.

/document/path/98177, "获取用户登录身份": `GET /cgi-bin/auth/getuserinfo` takes access_token and
code, which is good once, and answers errcode 0 and userid of a member, openid of anybody else, and
errcode 40029 of a code that is none. Refusals come with status 200 (/document/path/90313,
"全局错误码": 40014 and 42001 of a token that is none or over, 40001 of a secret).
"""

from urllib.parse import parse_qs, urlsplit

from tests.stand_ins.server import Answer, Asked

CORP, AGENT, SECRET, USER = "wwexample", "1000002", "wecom-secret", "LiXiaoLong"


class WeCom:
    """person: what is answered of whoever agreed. tokens: that were given; the last one is good."""

    def __init__(self) -> None:
        self.codes = set[str]()
        self.tokens = list[str]()
        self.person = {"userid": USER}

    def visited(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to it, and whose person agreed."""
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/wwlogin/sso/login"
        fixed = {"login_type": "CorpApp", "appid": CORP, "agentid": AGENT}
        assert fixed.items() <= asked.items() and asked["redirect_uri"]
        assert asked["state"].isalnum() and len(asked["state"]) <= 128
        self.codes.add("a code")
        return {"code": "a code", "state": asked["state"]}

    def answered(self, asked: Asked) -> Answer:
        if asked.path == "/cgi-bin/gettoken":
            if (asked.query["corpid"], asked.query["corpsecret"]) != (CORP, SECRET):
                return Answer({"errcode": 40001, "errmsg": "invalid credential"})
            self.tokens.append(f"token {len(self.tokens)}")
            said = {"errcode": 0, "errmsg": "ok", "expires_in": 7200}
            return Answer(said | {"access_token": self.tokens[-1]})
        assert asked.path == "/cgi-bin/auth/getuserinfo"
        if asked.query["access_token"] not in self.tokens[-1:]:
            return Answer({"errcode": 40014, "errmsg": "invalid access_token"})
        if asked.query["code"] not in self.codes:
            return Answer({"errcode": 40029, "errmsg": "invalid code"})
        self.codes.remove(asked.query["code"])
        return Answer({"errcode": 0, "errmsg": "ok"} | self.person)
