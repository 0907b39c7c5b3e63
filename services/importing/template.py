"""An empty workbook to fill in: one sheet for each kind, by the partner's own headings."""

from collections.abc import Iterable
from typing import BinaryIO

import xlsxwriter

from domain.people.partner import TaughtWord
from services.importing.sheets import KINDS
from services.importing.sheets.kind import SheetKind
from services.reporting.workbook.paper import OPTIONS
from services.words.texts import Texts

WIDTH, WIDE = 16, 48


def write_template(words: Iterable[TaughtWord], texts: Texts, file: BinaryIO) -> None:
    """Into an open file. words: those that the partner has taught; they stand in place of ours.

    A star is over what every row states. The last sheet says of each heading what it stands for,
    where it is the partner's own, and how it is filled in.
    """
    own = {(one.of, one.means): one.word for one in words}
    book = xlsxwriter.Workbook(file, OPTIONS)
    bold, text, day = (
        book.add_format(one)
        for one in ({"bold": True}, {"num_format": "@"}, {"num_format": "yyyy-mm-dd"})
    )
    notes = []
    for kind in KINDS.values():
        name = texts(f"import.kind.{kind.slug}")
        paper = book.add_worksheet(name)
        paper.freeze_panes(1, 0)
        for index, field in enumerate(kind.columns):
            ours = kind.heading(field, texts.language)
            heading = own.get((kind.slug, field), ours)
            means = "" if heading == ours else texts("import.template.means", heading=ours)
            star = "*" if field in kind.required else ""
            # As text a number keeps its leading zeros, and all of its digits.
            paper.set_column(index, index, WIDTH, day if field.endswith("_on") else text)
            paper.write_string(0, index, heading + star, bold)
            notes.append((name, heading, f"{means} {_how(kind, field, texts)}".strip()))
    paper = book.add_worksheet(texts("export.notes"))
    paper.set_column(0, 1, WIDTH)
    paper.set_column(2, 2, WIDE)
    for line, note in enumerate(notes):
        paper.write_row(line, 0, note)
    book.close()


def _how(kind: SheetKind, field: str, texts: Texts) -> str:
    """How a column is filled in: whether every row states it, and what it takes."""
    needed = texts("import.template.needed" if field in kind.required else "import.template.free")
    example = texts.known(f"import.template.{field}", "")
    return f"{needed} {example}".strip()
