"""What keeps a passkey and answers by it, as a phone or a security key does (WebAuthn, ES256)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes

from services.people.passkeys import Site

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


def shown(content: bytes) -> str:
    """As browsers write bytes in JSON."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Authenticator:
    """One passkey. flags, site, handle: of what it says, to be changed by who cheats."""

    def __init__(self, site: Site) -> None:
        self.site, self.flags = site, PRESENT | VERIFIED
        self.credential_id, self.count = secrets.token_bytes(32), 0
        self.handle = b""
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, asked: str) -> str:
        """The answer to what a server asks of who is to make a passkey."""
        options = json.loads(asked)
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        named = len(self.credential_id).to_bytes(2, "big") + self.credential_id
        said = self._data(NEW) + bytes(16) + named + key
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attested)

    def answer(self, asked: str) -> str:
        """The answer to what a server asks of who is to log in."""
        self.count += 1
        said, client = self._data(), self._client("webauthn.get", json.loads(asked)["challenge"])
        signed = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=said, signature=signed, userHandle=self.handle
        )

    def _data(self, more: int = 0) -> bytes:
        host = hashlib.sha256(self.site.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said: dict[str, Any] = {"type": kind, "challenge": challenge, "origin": self.site.origin}
        return json.dumps(said).encode()

    def _answer(self, **response: bytes) -> str:
        id = shown(self.credential_id)
        given = {name: shown(content) for name, content in response.items()}
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": given})
