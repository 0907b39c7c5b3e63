"""The sentences that somebody reads, in one language; read from the catalogs by infra/texts.py."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.kpi.scheme.lines import Dimension, Line


class Texts(msgspec.Struct, frozen=True):
    """One language. sentences: msgid -> sentence with `{named}` gaps."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, msgid: str, /, **params: Any) -> str:
        """Raises KeyError for an unknown msgid or a gap without its parameter."""
        return self.sentences[msgid].format_map(params)

    def known(self, msgid: str, otherwise: str) -> str:
        """The sentence, or else what stands for itself: a stored name that has none yet."""
        return self.sentences.get(msgid, otherwise)

    def name_of(self, named: Line | Dimension) -> str | None:
        """The name of a part of a scheme: its own, or the catalogs' for one of the source."""
        return named.name or self.sentences.get(named.name_id)
