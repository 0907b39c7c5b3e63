"""The gettext catalogs as processes behind the doors read them: sentences of one language."""

from pathlib import Path

from babel.messages.pofile import read_po

from services.reporting.texts import Texts

FOLDER = Path(__file__).resolve().parent.parent / "api" / "web" / "locale"
"""One place for all sentences; the pages read the same files (api/web/catalogs.py)."""


def read_texts(language: str, folder: Path = FOLDER) -> Texts:
    """language: `zh-CN` or `en`. A sentence that is not translated yet is left out."""
    locale = language.replace("-", "_")
    with (folder / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    return Texts(
        language,
        {
            str(message.id): str(message.string)
            for message in catalog
            if message.id and message.string and not message.fuzzy
        },
    )
