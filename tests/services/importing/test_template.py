"""A template is an empty workbook that is read as it is, once it is filled in."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from domain.people.partner import TaughtWord
from services.importing.entries import read_sheets
from services.importing.sheets import KINDS
from services.importing.template import SheetStyle, write_template
from services.importing.vocabulary import Vocabulary
from services.importing.workbook import Sheet, SheetRow, Workbook
from services.words.texts import LOCALES, read_texts

WORD = TaughtWord("roster", "人员代码", "employee_no")


def template(language: str, *words: TaughtWord) -> Any:
    file = BytesIO()
    write_template(SheetStyle(words, read_texts(language)), file)
    return openpyxl.load_workbook(file)


def as_read(book: Any) -> Workbook:
    """With a row below the headings of each sheet."""
    return Workbook(
        [
            Sheet(
                "a.xlsx",
                one.title,
                [
                    SheetRow(1, [cell.value for cell in one[1]]),
                    SheetRow(2, ["1" for _ in one[1]]),
                ],
            )
            for one in book.worksheets
        ]
    )


@pytest.mark.parametrize("language", LOCALES)
def test_every_column_is_read_by_its_heading(language: str) -> None:
    sheets = read_sheets(as_read(template(language)))
    read = {one.kind: set(one.columns) for one in sheets if one.kind}
    assert read == {slug: set(kind.columns) for slug, kind in KINDS.items()}
    assert [note.code for one in sheets for note in one.notes] == ["sheet_of_notes"]


def test_the_partners_own_headings_stand_there() -> None:
    book = template("zh-CN", WORD)
    assert book.worksheets[0]["A1"].value == "人员代码*"
    own = Vocabulary({"roster": {"人员代码": "employee_no"}})
    [roster, *_] = read_sheets(as_read(book), own=own)
    assert roster.columns["employee_no"] == "人员代码*"


def test_of_the_partners_own_headings_the_english_one_has_those_in_english() -> None:
    both = (WORD, TaughtWord("roster", "Staff code", "employee_no"))
    headings = {
        (language, len(words)): template(language, *words).worksheets[0]["A1"].value
        for language in LOCALES
        for words in (both[1:], both)
    }
    assert headings == {
        ("zh-CN", 1): "Staff code*",
        ("zh-CN", 2): "人员代码*",
        ("en", 1): "Staff code*",
        ("en", 2): "Staff code*",
    }
    book = template("en", WORD)
    assert book.worksheets[0]["A1"].value == "Employee no*"
    own = Vocabulary({"roster": {WORD.key: WORD.means}})
    assert "employee_no" in read_sheets(as_read(book), own=own)[0].columns


def test_a_heading_of_ours_that_the_partner_uses_otherwise_stands_over_that_alone() -> None:
    word = TaughtWord("roster", "上岗日期", "entered_on")
    book = template("zh-CN", word)
    own = Vocabulary({"roster": {word.key: word.means}})
    [roster, *_] = read_sheets(as_read(book), own=own)
    assert (roster.columns["entered_on"], roster.columns["live_on"]) == ("上岗日期*", "上岗时间")
    said = {one[1].value: one[2].value for one in book.worksheets[-1]}
    assert said["上岗日期"].startswith("即“入职日期”。")
    assert not said["上岗时间"].startswith("即")


def test_a_heading_of_the_partners_own_is_said_to_stand_for_ours() -> None:
    said = {one[1].value: one[2].value for one in template("zh-CN", WORD).worksheets[-1]}
    assert said["人员代码"].startswith("即“工号”。")
    assert not any("即“" in how for heading, how in said.items() if heading != "人员代码")
