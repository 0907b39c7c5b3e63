"""How large and how costly a file may be before it is refused, and the error that refuses it."""

from typing import Any

import msgspec

MIB = 1024 * 1024


class FileRefusedError(Exception):
    """The file breaks a limit or a rule; `code` and `params` become a Refusal outside."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class SheetLimits(msgspec.Struct, frozen=True):
    """Bounds of one file and of the child process that reads it.

    Sizes are bytes, times seconds. ``cells`` bounds the rectangle that encloses a sheet's
    content, since a parser allocates the whole rectangle; ``ratio`` is how many times larger a
    member may become when unpacked, asked only of members above ``ratio_from_bytes``.
    """

    file_bytes: int = 32 * MIB
    members: int = 1_000
    unpacked_bytes: int = 256 * MIB
    ratio: int = 200
    ratio_from_bytes: int = 4 * MIB
    rows: int = 200_000
    columns: int = 512
    cells: int = 2_000_000
    sheets: int = 64
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 40
    wall_seconds: float = 60.0
    answer_bytes: int = 256 * MIB

    def refuse_larger(self, rows: int, columns: int, cells: int) -> None:
        """Raises FileRefusedError `sheet_too_large`."""
        if rows > self.rows or columns > self.columns or cells > self.cells:
            raise FileRefusedError(
                "sheet_too_large", rows=self.rows, columns=self.columns, cells=self.cells
            )
