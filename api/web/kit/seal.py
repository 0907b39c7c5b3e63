"""Words in addresses, such as a name that is looked for, sealed with the session's secret.

Whoever sees an address, in a history, a log or a proxy, learns nothing from it; in the browser's
own session it leads back to what was found. Beyond a session, a visit's secret seals.
"""

import base64
import hashlib
import re

from cryptography.fernet import Fernet, InvalidToken

_SEALED = re.compile(r"gAAAA[\w-]{90,}={0,2}", re.ASCII)
"""A version and the first zeros of a time; sealed words of one letter have 100 characters."""


def is_sealed(text: str) -> bool:
    """Whether a text has the form of sealed words, whoever sealed them."""
    return _SEALED.fullmatch(text) is not None


class AddressSeal:
    """Seals words for one session's addresses, each time otherwise.

    What was sealed for one purpose is nothing for another: the words that a person looks for are
    theirs to choose, what a page believes is not.
    """

    def __init__(self, secret: str, purpose: str = "address") -> None:
        """secret: of the session, or of the visit."""
        self._secret = secret
        key = hashlib.sha256(f"chudan {purpose} {secret}".encode()).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(key))

    def of(self, purpose: str) -> "AddressSeal":
        """The same session's seal for another purpose."""
        return AddressSeal(self._secret, purpose)

    def close(self, words: str) -> str:
        return self._cipher.encrypt(words.encode()).decode()

    def open(self, sealed: str, for_seconds: int | None = None) -> str:
        """The words; none where another session sealed them, or nobody did.

        for_seconds: after how many since then there are none either.
        """
        try:
            return self._cipher.decrypt(sealed.encode(), for_seconds).decode()
        except (InvalidToken, UnicodeDecodeError):
            return ""
