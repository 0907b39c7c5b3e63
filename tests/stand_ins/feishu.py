"""Feishu (飞书) as its documentation describes it, read in November 2026.

open.feishu.cn/document, "获取授权码": `/open-apis/authen/v1/authorize` of accounts.feishu.cn takes
client_id, response_type `code`, redirect_uri, state and, for PKCE, code_challenge and
code_challenge_method, and returns with `code` and `state`, or with `error=access_denied`.

"获取 user_access_token" (v2): `POST /open-apis/authen/v2/oauth/token` of open.feishu.cn follows RFC
6749, takes grant_type, client_id, client_secret, code, redirect_uri and code_verifier as JSON, and
answers code 0 and access_token, or another code with error and error_description; a code is good
once, for five minutes.

"获取用户信息": `GET /open-apis/authen/v1/user_info` with `Authorization: Bearer` answers code 0
and, in `data`, name, open_id, union_id and, where they are permitted, mobile and email.
"""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stand_ins.server import Answer, Asked

ID, SECRET, UNION_ID = (
    "cli_example",
    "feishu-secret",
    "on_d89jhsdhjsajkda7828enjdj328ydhhw3u43yjhdj",
)


class Feishu:
    """person: what is answered of whoever agreed."""

    def __init__(self) -> None:
        self.given = dict[str, dict[str, str]]()
        self.person: dict[str, Any] = {"name": "李小龙", "open_id": "ou_1", "union_id": UNION_ID}

    def visited(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to it, and whose person agreed."""
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/open-apis/authen/v1/authorize"
        fixed = {"response_type": "code", "client_id": ID, "code_challenge_method": "S256"}
        assert fixed.items() <= asked.items()
        self.given["a code"] = asked
        return {"code": "a code", "state": asked["state"]}

    def answered(self, asked: Asked) -> Answer:
        if asked.method == "POST" and asked.path == "/open-apis/authen/v2/oauth/token":
            return self._token(asked)
        assert asked.path == "/open-apis/authen/v1/user_info"
        if asked.headers.get("authorization") != "Bearer u-token":
            return Answer({"code": 99991668, "msg": "Invalid access token"}, 400)
        return Answer({"code": 0, "msg": "success", "data": self.person})

    def _token(self, asked: Asked) -> Answer:
        sent = asked.json
        if (sent["client_id"], sent["client_secret"]) != (ID, SECRET):
            return Answer({"code": 20002, "error": "invalid_client"}, 400)
        given = self.given.pop(sent["code"], None)
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not given or given["redirect_uri"] != sent["redirect_uri"]:
            return Answer({"code": 20003, "error": "invalid_grant"}, 400)
        if given["code_challenge"] != challenge:
            return Answer({"code": 20049, "error": "invalid_grant"}, 400)
        said = {"code": 0, "access_token": "u-token", "expires_in": 7200, "token_type": "Bearer"}
        return Answer(said)
