"""A projection: a declaration that the projector, the rebuild and time travel all run."""

from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from domain.kernel.aggregate import DomainEvent, Recorded, topics_of

R = TypeVar("R", bound=msgspec.Struct)

Key = tuple[Any, ...]
"""The values of a row's primary key after the tenant, in the order of `primary_key`."""


def of_stream(recorded: Recorded) -> Key | None:
    """The key of a projection that has one row for each stream."""
    return (recorded.event.originator_id,)


class Selection(msgspec.Struct, frozen=True):
    """The part of the log that is read.

    topics: of the events. personal: whether sealed fields are opened; unopened ones read as empty.
    envelope: whether it is known who recorded the events and whence; reading it costs a fifth.
    """

    topics: Collection[str]
    personal: bool = False
    envelope: bool = True


class StoredTable(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """Stored rows of one kind; the name of their table carries the version.

    indexes: further columns to find rows by, each a tuple that follows the tenant. of_today: the
    columns that say something else until a day to come, each with what it is on `{today}`, in SQL.
    """

    name: str
    version: int
    row: type[R]
    primary_key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    of_today: tuple[tuple[str, str], ...] = ()

    @property
    def table(self) -> str:
        """The stored rows."""
        return f"{self.name}_v{self.version}"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.row.__struct_fields__

    def key_of(self, row: R) -> Key:
        """The key that a row is stored by."""
        return tuple(getattr(row, name) for name in self.primary_key)


class Parts(StoredTable[R], frozen=True, kw_only=True):
    """What a projection's rows have several of, each a row of its own: a seller's orders.

    Those that change are written together with the rows that they are parts of, for which the
    projection loads these first. They have the columns of these rows' key. of: by the keys of a
    row's parts, all that each is made of, by which it is known which change. make: the part of
    that. version: rises with the projection's. of_streams: whether each has a stream, whose id is
    the first of its key.
    """

    of: Callable[[Any], Mapping[Key, Any]]
    make: Callable[[Any], R]
    of_streams: bool = False

    def made_of(self, rows: Iterable[Any]) -> dict[Key, Any]:
        """By the keys of some rows' parts, what each is made of; None has none."""
        return {key: of for row in rows if row is not None for key, of in self.of(row).items()}

    def by_key(self, rows: Iterable[Any]) -> dict[Key, R]:
        """The parts of some rows."""
        return {key: self.make(of) for key, of in self.made_of(rows).items()}


class Projection(StoredTable[R], frozen=True, kw_only=True):
    """One question, answered by folding the tenant's log.

    events: the classes of events that it looks at; the others are not even read. key: the row that
    an event changes, None where it changes none. evolve: pure; None deletes the row. personal:
    whether it needs the sealed fields of events opened. envelope: whether it looks at who recorded
    events and whence; when they were recorded is always known. loads: False where each event makes
    its row whole, so that the row that was there need not be fetched first. past_every: positions
    from one state that time travel can start from to the next, where past rows are kept
    (infra/readside/stored_rows.py); the row then has `position`, that of its last change. Like the
    row, it is the version's for ever. parts: rows of another table that follow from its rows.
    beside: of a stream, the other one without which its row cannot be made; None of what is none.
    """

    events: Collection[type[DomainEvent]]
    evolve: Callable[[R | None, Recorded], R | None]
    key: Callable[[Recorded], Key | None] = of_stream
    personal: bool = False
    envelope: bool = False
    loads: bool = True
    past_every: int | None = None
    parts: Parts[Any] | None = None
    beside: Callable[[str], str | None] | None = None

    def streams_of(self, ids: Iterable[str]) -> list[str]:
        """The streams that are read for the rows of some."""
        if (beside := self.beside) is None:
            return [*ids]
        return [*dict.fromkeys(one for its in ids for one in (beside(its), its) if one)]

    @property
    def topics(self) -> frozenset[str]:
        """The stored names of the events that it looks at."""
        return topics_of(self.events)

    @property
    def selection(self) -> Selection:
        """The part of the log that it reads."""
        return Selection(self.topics, self.personal, self.envelope)

    @property
    def tables(self) -> tuple[StoredTable[Any], ...]:
        """Its rows' and their parts'."""
        return (self, self.parts) if self.parts else (self,)

    @property
    def checkpoint(self) -> str:
        """The name under which it is known how far it has come."""
        return self.table

    @property
    def past_table(self) -> str:
        """The table of the rows at earlier multiples of past_every."""
        return f"{self.table}_past"

    def state_before(self, position: int) -> int:
        """The last position, up to this one, whose state is kept; 0, the empty state, if none."""
        return position - position % self.past_every if self.past_every else 0

    def reach(self, after: int, until: int) -> int:
        """How far towards `until` may be folded at once: not past a state that is to be kept."""
        return min(until, self.state_before(after) + (self.past_every or until))


class DatabaseConnection(Protocol):
    """A database connection inside a transaction (asyncpg's)."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


class TenantTables(DatabaseConnection, Protocol):
    """One tenant's tables, inside a transaction: the tenant is the parameter `$1` of every query.

    Implemented by infra/database/db.py.
    """

    tenant_id: UUID

    def cursor(self, query: str, *args: Any, prefetch: int) -> AsyncIterable[Any]:
        """The rows of one statement, so many in memory at a time."""


SCALARS: dict[type, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamp with time zone",
    Decimal: "numeric",
    UUID: "uuid",
}
"""How a row's field is stored; every other type is stored as json.

Not jsonb, because it is read whole: 1,000 newcomers came back in 1.9 ms instead of 7.6. Text
compares by code point (`collate "C"`), so that every server sorts and pages alike.
"""
