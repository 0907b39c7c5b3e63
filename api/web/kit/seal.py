"""Words in addresses, such as a name that is looked for, sealed with the session's secret.

Whoever sees an address, in a history, a log or a proxy, learns nothing from it; in the browser's
own session it leads back to what was found. Beyond a session, a visit's secret seals.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class AddressSeal:
    """Seals words for one session's addresses, each time otherwise."""

    def __init__(self, secret: str) -> None:
        """secret: of the session, or of the visit."""
        key = hashlib.sha256(b"chudan address " + secret.encode()).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(key))

    def close(self, words: str) -> str:
        return self._cipher.encrypt(words.encode()).decode()

    def open(self, sealed: str, for_seconds: int | None = None) -> str:
        """The words; none where another session sealed them, or nobody did.

        for_seconds: after how many since then there are none either.
        """
        try:
            return self._cipher.decrypt(sealed.encode(), for_seconds).decode()
        except InvalidToken:
            return ""
