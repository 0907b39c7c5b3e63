"""The sentences that people read, in one language: of pages, answers, commands, reports and files.

A msgid is a name (`board.title`, `error.cohort_full`), never a sentence, so that no language is
the original of the other. A sentence that is not translated yet is left out.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from babel.messages.pofile import read_po

from domain.kpi.scheme.lines import Dimension, Line

FOLDER = Path(__file__).parent
"""The catalogs, one for each area in a folder for each language: for all doors and the workers."""


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

    def source_of(self, source: Mapping[str, Any]) -> str:
        """How an event came in. source: as its envelope says it (Recorded)."""
        kind = source.get("kind")
        if kind == "imported":
            place = {name: source.get(name) for name in ("file", "sheet", "row")}
            return self("source.imported", **place)
        return self("source.integrated" if kind == "integrated" else "source.typed")

    def name_of(self, named: Line | Dimension) -> str | None:
        """The name of a part of a scheme: its own, or the catalogs' for one of the source."""
        return named.name or self.sentences.get(named.name_id)


@cache
def read_texts(language: str) -> Texts:
    """All sentences in one language, read once in a process. language: `zh-CN` or `en`."""
    locale = language.replace("-", "_")
    sentences: dict[str, str] = {}
    for path in (FOLDER / locale).glob("*.po"):
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale)
        sentences |= {
            str(message.id): str(message.string)
            for message in catalog
            if message.id and message.string and not message.fuzzy
        }
    return Texts(language, sentences)
