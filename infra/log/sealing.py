"""Personal fields, sealed with the person's own key (AES-256-GCM, NIST SP 800-38D).

The person's key is wrapped with the installation's secret key and kept beside the log, not in it:
destroying the one row makes every copy of what it sealed unreadable and changes no event.
"""

import base64
import os
from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from cachetools import TTLCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.kernel.errors import InstallationError, Refusal

NONCE, KEY_BYTES = 12, 32
MARK = "sealed:1:"
"""How a sealed text begins in a stored payload; the number is the form's version."""

MISSED_SECONDS, MOST_MISSED = 1.0, 64
"""For which a secret key that is not at hand is not looked for again: whole lists of people may
need it."""

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


class WrappedKey(NamedTuple):
    """A person's key, wrapped, and the id of the secret key that it is wrapped with."""

    wrapped: bytes
    key_id: str


class KeyRing:
    """Makes people's keys, and wraps and unwraps them with the secret keys at hand."""

    def __init__(
        self,
        secret: bytes,
        at_hand: Iterable[bytes] = (),
        read_again: Callable[[], Iterable[bytes]] = tuple,
    ) -> None:
        """secret: the one in force, which wraps. at_hand: others that unwrap. read_again: what is
        at hand now, asked where a key is met that is not among them."""
        self._read_again = read_again
        self._missed: TTLCache[str, None] = TTLCache(MOST_MISSED, MISSED_SECONDS)
        self.take(secret, at_hand)

    def take(self, secret: bytes, at_hand: Iterable[bytes] = ()) -> None:
        """These are the one in force and those at hand from now on."""
        ciphers = {key_id_of(one): _cipher(one) for one in (secret, *at_hand)}
        # In one step: nobody sees the one without the other.
        self._held = key_id_of(secret), ciphers
        self._missed.clear()

    @property
    def in_force(self) -> str:
        """The id of the secret key that wraps."""
        return self._held[0]

    def has(self, key_id: str) -> bool:
        """Whether the secret key with this id is at hand, perhaps by now. Raises InstallationError
        where what is at hand cannot be read."""
        return self._cipher_of(key_id) is not None

    def _cipher_of(self, key_id: str) -> AESGCM | None:
        in_force, ciphers = self._held
        if key_id not in ciphers and key_id not in self._missed:
            ciphers = ciphers | {key_id_of(one): _cipher(one) for one in self._read_again()}
            self._held = in_force, ciphers
            if key_id not in ciphers:
                self._missed[key_id] = None
        return ciphers.get(key_id)

    def new_key(self) -> bytes:
        return AESGCM.generate_key(bit_length=8 * KEY_BYTES)

    def wrap(self, key: bytes, tenant_id: UUID, person_id: str) -> WrappedKey:
        in_force, ciphers = self._held
        nonce = os.urandom(NONCE)
        wrapped = nonce + ciphers[in_force].encrypt(nonce, key, _place(tenant_id, person_id))
        return WrappedKey(wrapped, in_force)

    def unwrap(self, key: WrappedKey, tenant_id: UUID, person_id: str) -> PersonSeal:
        """Raises InstallationError `secret_key_missing` (key) when the secret key that it needs is
        not at hand, and InvalidTag when it was altered or is another person's."""
        return PersonSeal(self.bare_key(key, tenant_id, person_id), person_id)

    def wrap_anew(self, key: WrappedKey, tenant_id: UUID, person_id: str) -> WrappedKey:
        """The same person's key, wrapped with the secret key in force. Raises as unwrap does."""
        return self.wrap(self.bare_key(key, tenant_id, person_id), tenant_id, person_id)

    def bare_key(self, key: WrappedKey, tenant_id: UUID, person_id: str) -> bytes:
        """A person's key itself. Raises as unwrap does."""
        cipher = self._cipher_of(key.key_id)
        if cipher is None:
            raise InstallationError(Refusal("secret_key_missing", key=key.key_id))
        nonce, sealed = key.wrapped[:NONCE], key.wrapped[NONCE:]
        return cipher.decrypt(nonce, sealed, _place(tenant_id, person_id))


def key_id_of(secret: bytes) -> str:
    """What a secret key is called: 16 hexadecimal digits that follow from it."""
    return _derived(secret, b"chudan key id", 8).hex()


def canary(secret: bytes) -> bytes:
    """A text that this secret key alone opens."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(secret).encrypt(nonce, _CANARY, key_id_of(secret).encode())


def opens(secret: bytes, canary: bytes) -> bool:
    """Whether it is the secret key of a canary."""
    try:
        _cipher(secret).decrypt(canary[:NONCE], canary[NONCE:], key_id_of(secret).encode())
    except InvalidTag:
        return False
    return True


_CANARY = b"canary"


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(_derived(secret, b"chudan person keys", 32))


def _derived(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(secret)


def _place(tenant_id: UUID, person_id: str) -> bytes:
    return tenant_id.bytes + person_id.encode()
