"""An issuer of OpenID Connect that a test may bend, and which insists on PKCE (RFC 7636).

OpenID Connect Core 1.0 (sections 2 and 3.1) and Discovery 1.0 (sections 3 and 4) say what an honest
one answers.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.stand_ins.server import Answer, Asked, serving

CLIENT, SECRET, SUBJECT = "chudan", "what only the two know", "248289761001"
KEY, OTHER_KEY = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("first", "second"))


class Issuer:
    """claims: changed of those that it signs; a value None leaves one out. sign: claims become a
    token. answers: of its doors by path, instead of its own."""

    def __init__(self) -> None:
        self.address = ""
        self.be_honest()

    def be_honest(self) -> None:
        """As it began."""
        self.keys = [KEY]
        self.claims = dict[str, Any]()
        self.sign: Callable[[dict[str, Any]], str] = signed_with(KEY)
        self.discovery = dict[str, Any]()
        self.answers = dict[str, Answer]()
        self.asked = list[str]()
        self._given = dict[str, dict[str, str]]()

    def visited(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to it, and whose person agreed."""
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._given[code] = asked
        return {"state": asked["state"], "code": code}

    def answered(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        if asked.path in self.answers:
            return self.answers[asked.path]
        if asked.path == "/.well-known/openid-configuration":
            return Answer(self._document() | self.discovery)
        if asked.path == "/keys":
            return Answer({"keys": [key.as_dict(private=False) for key in self.keys]})
        return self._token(asked)

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "none", "HS256"],
        }

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        given = self._given.pop(form["code"], None)
        known = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {known}":
            return Answer({"error": "invalid_client"}, 401)
        if not given or _challenge(form["code_verifier"]) != given["code_challenge"]:
            return Answer({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": SUBJECT,
            "aud": given["client_id"],
            "nonce": given["nonce"],
            "iat": now,
            "exp": now + 300,
        } | self.claims
        token = self.sign({name: one for name, one in claims.items() if one is not None})
        return Answer({"access_token": "none of ours", "token_type": "Bearer", "id_token": token})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer, while this lasts."""
    issuer = Issuer()
    with serving(issuer.answered) as address:
        issuer.address = address
        yield issuer


def signed_with(key: ECKey, kid: str | None = None) -> Callable[[dict[str, Any]], str]:
    """By ES256."""
    header = {"alg": "ES256", "kid": kid or key.kid}
    return lambda claims: jwt.encode(header, claims, key)


def unsigned(claims: dict[str, Any]) -> str:
    """By nobody: `alg` is `none`."""
    return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """By HS256, with what everybody knows as if it were a secret."""
    signed = f"{_encoded({'alg': 'HS256', 'kid': KEY.kid})}.{_encoded(claims)}"
    return f"{signed}.{_text(hmac.digest(KEY.as_pem(private=False), signed.encode(), 'sha256'))}"


def _challenge(verifier: str) -> str:
    return _text(hashlib.sha256(verifier.encode()).digest())


def _encoded(said: Any) -> str:
    return _text(json.dumps(said).encode())


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()
