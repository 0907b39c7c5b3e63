"""The sentences that people read, from gettext catalogs, for every process alike.

A msgid is a name (`board.title`, `error.cohort_full`), never a sentence, so that no language is
the original of the other. A sentence that is not translated yet is left out.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from services.reporting.workbook.texts import Texts

FOLDER = Path(__file__).resolve().parent.parent / "api" / "web" / "locale"
"""One place for all sentences, whoever says them."""


@cache
def read_texts(language: str) -> Texts:
    """All sentences in one language, read once in a process. language: `zh-CN` or `en`."""
    locale = language.replace("-", "_")
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    sentences = {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }
    return Texts(language, sentences)
