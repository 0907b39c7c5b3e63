"""Between a row's struct and its columns: what is stored how, and both directions."""

from collections.abc import Iterable
from functools import cache
from itertools import starmap
from types import NoneType
from typing import Any, Generic, Literal, get_args, get_origin, get_type_hints

import msgspec

from domain.kernel.bounds import unwrapped
from projections.kernel.projection import SCALARS, R

JSON = "json"


class StoredColumn(msgspec.Struct, frozen=True):
    """One stored field. sql_type: as PostgreSQL's format_type prints it."""

    name: str
    sql_type: str
    nullable: bool


class RowCodec(Generic[R]):
    """Turns rows into column values and back; made once per row type by `row_codec`."""

    def __init__(self, row: type[R]) -> None:
        hints = get_type_hints(row, include_extras=False)
        self.row = row
        self.columns = tuple(_column(name, hints[name]) for name in row.__struct_fields__)
        self._decoders = {
            index: msgspec.json.Decoder(hints[column.name]).decode
            for index, column in enumerate(self.columns)
            if column.sql_type == JSON
        }
        self._encode = msgspec.json.Encoder().encode

    def values(self, row: R) -> list[Any]:
        """The column values, in the order of the struct's fields."""
        values = list(msgspec.structs.astuple(row))
        for index in self._decoders:
            if values[index] is not None:
                values[index] = self._encode(values[index])
        return values

    def rows_of(self, records: Iterable[Iterable[Any]]) -> list[R]:
        """The rows of records whose columns are the struct's fields in order."""
        return [*starmap(self.row, map(self._decoded, records) if self._decoders else records)]

    def says(self, name: str, value: Any, row: R) -> bool:
        """Whether a stored column says what the row does, however it is spelt."""
        decode = self._decoders.get(self.row.__struct_fields__.index(name))
        if decode is not None and value is not None:
            try:
                value = decode(value)
            except msgspec.DecodeError:
                return False
        return bool(value == getattr(row, name))

    def _decoded(self, record: Iterable[Any]) -> list[Any]:
        values = list(record)
        for index, decode in self._decoders.items():
            if values[index] is not None:
                values[index] = decode(values[index])
        return values


def row_codec(row: type[R]) -> RowCodec[R]:
    """The codec of a row type."""
    return _made(row)


@cache
def _made(row: Any) -> RowCodec[Any]:
    return RowCodec(row)


def selected(row: type[msgspec.Struct]) -> str:
    """The select list of a row, for `row_codec(row).rows_of`."""
    return ", ".join(row.__struct_fields__)


def together(table: str, column: str) -> str:
    """The query for a JSON column of all rows of the tenant `$1`, as one JSON array."""
    return (
        f"select '[' || coalesce(string_agg({column}::text, ','), '') || ']'"  # noqa: S608 - ours
        f" from {table} where tenant_id = $1"
    )


def _column(name: str, hint: Any) -> StoredColumn:
    kind, _ = unwrapped(hint)
    if get_origin(kind) is Literal:
        kind = type(get_args(kind)[0])
    return StoredColumn(name, SCALARS.get(kind, JSON), nullable=NoneType in get_args(hint))
