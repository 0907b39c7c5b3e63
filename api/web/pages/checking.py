"""What the form of a check asks for: other sheets, days of changes, meanings, mended cells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar.datastructures import FormMultiDict
from msgspec.structs import replace

from api.http.imports import texts
from api.web.kit.days import day_typed
from api.web.kit.page import PageContext
from api.web.pages.import_words import words_taught
from domain.kernel.errors import Refusal
from services.importing.comparing import UNDATED
from services.importing.mending import Mend
from services.importing.new_managers import LIKE_ANOTHER
from services.importing.report import ImportReport, Place
from services.importing.workbook import SheetColumn
from services.jobs.jobs import Job


class FilledIn(msgspec.Struct, frozen=True):
    """What was entered into the one form of a check. cells: by their addresses what each is to say.
    words: what they mean, as UnknownWord says it. sheets: those that are ticked. were: those that
    were ticked when the form was drawn. days: by sheets the days on which they changed, as typed,
    where the form was drawn with another or none."""

    cells: Mapping[str, str] = {}
    words: Sequence[str] = ()
    sheets: Sequence[str] = ()
    were: Sequence[str] = ()
    days: Mapping[str, str] = {}

    @property
    def is_unchecked(self) -> bool:
        """Whether the check does not know all of it."""
        return bool(self.cells or self.words or self.days) or set(self.sheets) != set(self.were)


class ChangingSheet(msgspec.Struct, frozen=True):
    """A sheet with rows that are changes once their day is given. count: those that lack it. day:
    as it was entered. was: as the check had it."""

    sheet: str
    count: int
    day: str
    was: str


class UnknownManager(msgspec.Struct, frozen=True):
    """A new manager who may be a known one mistyped. at: all cells of a table that name this one,
    as a form says them. like: the known ones. count: the rows."""

    at: str
    manager: str
    like: Sequence[str]
    sheet: str
    count: int


async def read_asked(form: FormMultiDict) -> FilledIn:
    """What was entered; a cell that nothing was typed for stays as it is. Refuses
    `form_unreadable`."""
    typed, days = _together(form, "at", "to"), _together(form, "changing", "changed_on", "had")
    return FilledIn(
        cells={str(at): str(text) for at, text in typed if str(text).strip()},
        words=await texts(form, "word"),
        sheets=await texts(form, "sheet"),
        were=await texts(form, "was"),
        days={str(at): str(day) for at, day, had in days if day != had},
    )


def _together(form: FormMultiDict, *names: str) -> list[tuple[Any, ...]]:
    """What a form says of each of several things, in fields that stand beside one another."""
    said = [form.getall(name, []) for name in names]
    if len({*map(len, said)}) > 1:
        raise Refusal("form_unreadable")
    return [*zip(*said, strict=True)]


async def check_anew(page: PageContext, checked: Job, asked: FilledIn) -> Job:
    """Checks the files anew with all that was entered. Refuses `form_unreadable`, `sheets_missing`,
    `day_invalid`, and what TeachWord and Imports.check_anew do."""
    if asked.were and not asked.sheets:
        raise Refusal("sheets_missing", field="sheet")
    days = {sheet: day_typed(text) for sheet, text in asked.days.items()}
    mends = list(_mends(asked.cells, page.principal.actor))
    words = await words_taught(page, asked.words)
    others = asked.sheets if set(asked.sheets) != set(asked.were) else ()
    return await page.app.imports.check_anew(page.principal, checked, mends, others, days, words)


def changing(report: ImportReport, asked: FilledIn) -> list[ChangingSheet]:
    """The sheets of a check of which a day is asked, or was given."""
    undated = Counter(
        row.place.sheet
        for row in report.rows
        if any(fault.code == UNDATED for fault in row.reasons)
    )
    were = {one.name: one.changed_on.isoformat() for one in report.sheets if one.changed_on}
    names = dict.fromkeys(sheet.name for sheet in report.sheets)
    return [
        ChangingSheet(name, undated[name], asked.days.get(name, was), was)
        for name in names
        for was in [were.get(name, "")]
        if name in undated or name in asked.days or was
    ]


def unknown_managers(report: ImportReport) -> list[UnknownManager]:
    """The new managers of a check who may be mistyped; one that a mapping gives stands in no
    cell."""
    noted = (note for note in report.notes if note.code == LIKE_ANOTHER and note.also)
    return [
        UnknownManager(
            address_of(*note.also),
            note.params["manager"],
            note.params["like"],
            note.place.sheet,
            note.params["count"],
        )
        for note in noted
    ]


def _mends(cells: Mapping[str, str], by: str) -> Iterator[Mend]:
    added = dict[tuple[str, str], dict[str, None]]()
    for at, text in cells.items():
        try:
            place = msgspec.json.decode(at, type=dict[str, Any])
            under, heading = place.pop("under", None), place.pop("heading", None)
            cell = msgspec.convert({**place, "text": text, "by": by}, Mend)
            if under is not None:  # The sheet has no such column yet; several stand side by side.
                head = msgspec.convert({**place, "rows": [under], "text": heading, "by": by}, Mend)
                beside = added.setdefault((cell.file, cell.sheet), {})
                beside.setdefault(head.text)
                column = SheetColumn(cell.index + [*beside].index(head.text), head.text).letter
                yield replace(head, column=column)
                cell = replace(cell, column=column)
            yield cell
        except msgspec.DecodeError as error:
            raise Refusal("form_unreadable") from error


def address_of(place: Place, *others: Place) -> str:
    """A cell, as a form says it. others: further cells of its column."""
    named: dict[str, Any] = {"file": place.file, "sheet": place.sheet, "column": place.column}
    named |= {"rows": [one.row for one in (place, *others)]}
    if place.under is not None:
        named |= {"under": place.under, "heading": place.heading}
    return msgspec.json.encode(named).decode()
