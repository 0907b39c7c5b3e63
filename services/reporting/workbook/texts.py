"""The sentences of a report, in its reader's language; read from the catalogs by infra/texts.py."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Texts(msgspec.Struct, frozen=True):
    """The sentences of one language. sentences: msgid -> sentence with `{named}` gaps."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, msgid: str, /, **params: Any) -> str:
        """The sentence of a message id. Raises KeyError for it or a gap without parameter."""
        return self.sentences[msgid].format_map(params)

    def known(self, msgid: str, otherwise: str) -> str:
        """The sentence of a message id, or `otherwise` where the catalogs have none."""
        return self.sentences.get(msgid, otherwise)
