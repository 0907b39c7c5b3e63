"""What the limited child and its parent say to each other: one msgpack message."""

from datetime import date, datetime
from typing import Any

import msgspec

from services.importing.workbook import ErrorCell

DATE, DATETIME, ERROR = 1, 2, 3


class WireSheet(msgspec.Struct, array_like=True):
    """One sheet; ``rows`` are pairs of the 1-based row number and the cells from column A."""

    name: str
    rows: list[tuple[int, list[Any]]]
    hidden: bool = False
    epoch_1904: bool = False


class Answer(msgspec.Struct, array_like=True):
    """Sheets, or the code of a refusal with its params."""

    sheets: list[WireSheet] = []
    code: str | None = None
    params: dict[str, Any] = {}


def decode(message: bytes) -> Answer:
    """The child's answer with dates and error cells restored; raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(message, type=Answer, ext_hook=_restore)


def _restore(code: int, content: memoryview) -> object:
    text = bytes(content).decode()
    if code == DATE:
        return date.fromisoformat(text)
    if code == DATETIME:
        return datetime.fromisoformat(text)
    return ErrorCell(text)
