"""The sentences that somebody reads, in one language; read from the catalogs by infra/texts.py."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.kpi.scheme.lines import Dimension, Line


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

    def name_of(self, named: Line | Dimension) -> str | None:
        """The name of a part of a scheme: its own, or the catalogs' for one of the source."""
        return named.name or self.sentences.get(named.name_id)
