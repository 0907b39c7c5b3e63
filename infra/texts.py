"""The sentences that people read, from the gettext catalogs, for every process alike."""

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po

from services.reporting.workbook.texts import Texts

FOLDER = Path(__file__).resolve().parent.parent / "api" / "web" / "locale"
"""One place for all sentences, whoever says them."""


def read_sentences(locale: str, folder: Path = FOLDER) -> Mapping[str, str]:
    """The translated sentences of a language by msgid. locale: `zh_CN` or `en`."""
    with (folder / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    return {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }


def read_texts(language: str) -> Texts:
    """The sentences that a report is written with, in one language. language: `zh-CN` or `en`."""
    return Texts(language, read_sentences(language.replace("-", "_")))
