"""The sentences that people read, in one language: of pages, answers, commands, reports and files.

A msgid is a name (`board.title`, `error.cohort_full`), never a sentence, so that no language is
the original of the other. A sentence that is not translated yet is left out. Where a language says
one thing otherwise than several, its catalog gives both forms, and the parameter `count` chooses.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.pofile import read_po

from domain.kernel.values import Month
from domain.kpi.scheme.lines import Dimension, Line

LOCALES: Mapping[str, str] = MappingProxyType({"zh-CN": "zh_CN", "en": "en"})
"""Language tag -> Babel locale; the first is what everybody gets who does not choose."""

FIRST_LANGUAGE = next(iter(LOCALES))

FOLDER = Path(__file__).parent
"""The catalogs, one for each area in a folder for each language: for all doors and the workers."""

READ_INTO: Final = "read_into"
"""In the source of a row's events: of cells that were mended and are not of all of these, the
topics of those that they are of."""


class Texts(msgspec.Struct, frozen=True):
    """The sentences of one language. sentences: msgid -> sentence with `{named}` gaps. singular:
    those that are said otherwise where their `count` is one."""

    language: str
    sentences: Mapping[str, str]
    singular: Mapping[str, str] = {}

    def __call__(self, msgid: str, /, **params: Any) -> str:
        """The sentence of a message id. Raises KeyError for it or a gap without parameter."""
        return self.with_gaps(msgid, params).format_map(params)

    def with_gaps(self, msgid: str, params: Mapping[str, Any]) -> str:
        """The sentence that is to be filled in with parameters. Raises KeyError for its id."""
        count = params.get("count")
        if isinstance(count, int) and Locale.parse(self.language, "-").plural_form(count) == "one":
            return self.singular.get(msgid) or self.sentences[msgid]
        return self.sentences[msgid]

    def known(self, msgid: str, otherwise: str) -> str:
        """The sentence of a message id, or `otherwise` where the catalogs have none."""
        return self.sentences.get(msgid, otherwise)

    def refusal(self, code: str, params: Mapping[str, Any]) -> str:
        """The sentence of an error code, its msgid `error.<code>`: the trouble and the way out of
        it.

        A month and a day are written as people do. A parameter that is itself a word of the program
        (`written_exam`, a role, a permission) is said in the reader's language where there is a
        msgid `word.<value>`; the stored name of an event by its msgid `topic.<name>`. A code
        without a sentence is shown as itself: a missing translation must not hide the refusal.
        """
        msgid = f"error.{code}"
        said = {name: self._said(value) for name, value in params.items()}
        sentence = self.with_gaps(msgid, params) if msgid in self.sentences else code
        return sentence.format_map(_Gaps(said))

    def month(self, month: Month) -> str:
        """As people write it: `2026年8月`, `Aug 2026`."""
        return _month(month, LOCALES[self.language])

    def day(self, day: date) -> str:
        """As people write it: `2026年8月1日`, `Aug 1, 2026`."""
        return _day(day, LOCALES[self.language])

    def _said(self, value: Any) -> str:
        if isinstance(value, Month):
            return self.month(value)
        if type(value) is date:
            return self.day(value)
        if isinstance(value, list | tuple | set | frozenset):
            return self.known("word.and", ", ").join(map(self._said, value))
        known = (self.sentences.get(f"{space}.{value}") for space in ("word", "role", "topic"))
        return next(filter(None, known), str(value))

    def source_of(
        self,
        topic: str,
        source: Mapping[str, Any],
        names: Mapping[str, str] = {},
        *,
        is_assumed: bool = False,
    ) -> str:
        """How an event of a topic came in, with the columns mended that it was read from. source:
        as its envelope says it (Recorded). names: of actors. is_assumed: whether its day is none
        that anybody gave."""
        kind = source.get("kind")
        if kind == "imported":
            place = {name: source.get(name) for name in ("file", "sheet", "row")}
            into = source.get(READ_INTO, {})
            mended = [
                self("source.mended", column=column, who=names.get(by, by))
                for column, by in source.get("mended", {}).items()
                if topic in into.get(column, (topic,))
            ]
            assumed = [self("source.assumed")] if is_assumed else []
            return "".join([self("source.imported", **place), *mended, *assumed])
        return self(f"source.{kind}" if kind in ("integrated", "undone") else "source.typed")

    def name_of(self, named: Line | Dimension) -> str | None:
        """The name of a part of a scheme: its own, or the catalogs' for one of the source."""
        return named.name or self.sentences.get(named.name_id)


class _Gaps(dict[str, str]):
    """A gap without a parameter is shown as one: half a sentence beats none."""

    def __missing__(self, name: str) -> str:
        return "…"


@lru_cache(10_000)
def _day(day: date, locale: str) -> str:
    return format_date(day, "medium", locale=locale)


@lru_cache(1_000)
def _month(month: Month, locale: str) -> str:
    return format_skeleton("yMMM", month.first_day, locale=locale)


@cache
def read_texts(language: str, folder: Path = FOLDER) -> Texts:
    """All sentences in one language, read once in a process. language: `zh-CN` or `en`."""
    locale = language.replace("-", "_")
    sentences: dict[str, str] = {}
    singular: dict[str, str] = {}
    for path in (folder / locale).glob("*.po"):
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale)
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            if message.pluralizable:
                msgid, forms = message.id[0], tuple(message.string or ())
                if all(forms):
                    sentences[msgid], singular[msgid] = forms[-1], forms[0]
            elif message.string:
                sentences[str(message.id)] = str(message.string)
    return Texts(language, sentences, singular)
