"""Personal fields, sealed with the person's own key (AES-256-GCM, NIST SP 800-38D).

The person's key is wrapped with the installation's and kept beside the log, not in it: destroying
the one row makes every copy of what it sealed unreadable and changes no event.
"""

import base64
import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
MARK = "sealed:1:"
"""How a sealed text begins in a stored payload; the number is the form's version."""

ERASED = ""
"""What a sealed text reads as when its key is gone."""


class PersonSeal:
    """Seals and opens the texts of one person."""

    def __init__(self, key: bytes, person_id: str) -> None:
        self._cipher = AESGCM(key)
        self._person = person_id.encode()

    def seal(self, text: str) -> str:
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), self._person)
        return MARK + base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str) -> str:
        """Raises InvalidTag when the text was altered or is another person's."""
        blob = base64.b64decode(sealed[len(MARK) :])
        return self._cipher.decrypt(blob[:NONCE], blob[NONCE:], self._person).decode()


class KeyRing:
    """Makes and wraps people's keys with the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chudan person keys")
        self._cipher = AESGCM(derived.derive(secret))

    def new_key(self) -> bytes:
        return AESGCM.generate_key(bit_length=256)

    def wrap(self, key: bytes, tenant_id: UUID, person_id: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, key, _place(tenant_id, person_id))

    def unwrap(self, wrapped: bytes, tenant_id: UUID, person_id: str) -> PersonSeal:
        """Raises InvalidTag when the installation's secret is another one."""
        key = self._cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], _place(tenant_id, person_id))
        return PersonSeal(key, person_id)


def _place(tenant_id: UUID, person_id: str) -> bytes:
    return tenant_id.bytes + person_id.encode()
