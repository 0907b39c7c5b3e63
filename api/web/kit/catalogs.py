"""The sentences that people read, in their language: gettext catalogs, read when the app starts.

A msgid is a name (`board.title`, `error.cohort_full`), never a sentence, so that no language is
the original of the other. `locale/<locale>/LC_MESSAGES/messages.po` holds the sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain.kpi.scheme.lines import Dimension, Line
from infra.bootstrap import read_sentences

LOCALE = Path(__file__).resolve().parents[1] / "locale"
LOCALES: Mapping[str, str] = MappingProxyType({"zh-CN": "zh_CN", "en": "en"})
"""Language tag -> Babel locale; the first is what everybody gets who does not choose."""

FIRST_LANGUAGE = next(iter(LOCALES))


@dataclass(frozen=True)
class Catalogs:
    """All sentences of all languages: language tag -> msgid -> sentence with `{named}` gaps."""

    sentences: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path = LOCALE) -> "Catalogs":
        """Reads the .po files; a sentence that is not translated yet is left out."""
        return cls(
            {language: read_sentences(locale, folder) for language, locale in LOCALES.items()}
        )

    def sentence(self, language: str, msgid: str, /, **params: Any) -> str:
        """The sentence with its gaps filled. Raises KeyError for an unknown msgid or a gap without
        its parameter."""
        return self.sentences[language][msgid].format_map(params)

    def name_of(self, named: Line | Dimension, language: str) -> str | None:
        """The name of a part of a scheme: its own, or the catalogs' for one of the source."""
        return named.name or self.sentences[language].get(named.name_id)


@cache
def catalogs() -> Catalogs:
    """All sentences, read once in a process."""
    return Catalogs.load()


def choose_language(chosen: str | None, accepted: str | None) -> str:
    """The language of a request: the one chosen before, else the first accepted one we speak.

    chosen: the cookie. accepted: the Accept-Language header, in the reader's order.
    """
    if chosen is not None and chosen in LOCALES:
        return chosen
    for part in (accepted or "").split(","):
        primary = part.split(";")[0].strip().lower().split("-")[0]
        for language in LOCALES:
            if primary == language.split("-")[0]:
                return language
    return FIRST_LANGUAGE
