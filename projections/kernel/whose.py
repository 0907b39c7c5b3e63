"""Whose the rows of a list are, asked of rows alike in SQL and in memory.

A right may be over the things of some people, batches and classes alone. What it is over is said by
kind of owner and id; a row is within where it belongs to any of these.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

R = TypeVar("R")

OwnerIds = Mapping[str, Collection[str]]
"""By kind of owner, as services/kernel/purview.py names them, whose things are within."""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """The columns that say whose a row is; a row of a list that has none is within for nobody.

    owners: kind of owner -> the column with the owner's id. about: the column with the id of a
    stream about a person, who is an owner of the kind "persons". part: the column with the id of
    another thing, to whose owners the row belongs; of: the lists in one of which that is.
    """

    owners: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    part: str | None = None
    of: Sequence[Any] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of owners that rows have."""
        own = frozenset({*self.owners, *(("persons",) if self.about else ())})
        return own.union(*(one.whose.kinds for one in self.of))

    def sql(self, within: OwnerIds, place: int) -> tuple[str, list[Any]]:
        """The condition, and its parameters from `$place` on; the tenant is `$1`."""
        texts, params = list[str](), list[Any]()
        columns = {**self.owners, **({"persons": _person(self.about)} if self.about else {})}
        for kind, column in columns.items():
            if within[kind]:
                texts.append(f"{column} = any(${place + len(params)}::text[])")
                params.append(list(within[kind]))
        for one in self.of:
            condition, its = one.whose.sql(within, place + len(params))
            if its:
                ids = f"select {one.id_column} from {one.stored.table}"  # noqa: S608 - names of ours
                texts.append(f"{self.part} in ({ids} where tenant_id = $1 and {condition})")
                params += its
        return f"({' or '.join(texts) or 'false'})", params

    def holds(self, row: Any, within: OwnerIds, parts: Collection[str] = ()) -> bool:
        """Whether a row in memory is within. parts: the ids of other things that are."""
        if any(getattr(row, column) in within[kind] for kind, column in self.owners.items()):
            return True
        if self.about and _person_of(getattr(row, self.about)) in within["persons"]:
            return True
        return self.part is not None and getattr(row, self.part) in parts


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Rows of a list that take another permission beside the list's: those that have one of some
    values in an attribute. sql: what that is in a table."""

    permission: str
    column: str
    sql: str
    values: Collection[str]


@dataclass(frozen=True, eq=False, kw_only=True)
class OfOwners:
    """Rows that belong to somebody. whose: by what it is known to whom. within: whose rows alone
    there are; None: everybody's. apart: what takes other permissions; apart_within: by such a
    permission whose of these there are, if not everybody's."""

    whose: Whose
    within: OwnerIds | None = None
    apart: tuple[Apart, ...] = ()
    apart_within: Mapping[str, OwnerIds] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.within is None and not self.apart_within

    def limited(
        self, within: OwnerIds | None, apart_within: Mapping[str, OwnerIds] | None = None
    ) -> Self:
        """The same of the things of some owners; None: of everybody's."""
        if within is None and not apart_within:
            return self
        return replace(self, within=within, apart_within=apart_within or {})

    def owned(self, rows: Iterable[R], parts: Collection[str] = ()) -> list[R]:
        """Of rows in memory those that are within. parts: ids of other things that are."""
        if (within := self.within) is None:
            return list(rows)
        return [row for row in rows if self.whose.holds(row, within, parts)]

    def of_owners(self) -> tuple[list[str], list[Any]]:
        """The conditions of what is there, and their parameters from `$2` on."""
        texts, params = list[str](), list[Any]()
        if self.within is not None:
            text, params = self.whose.sql(self.within, 2)
            texts.append(text)
        for one in self.apart:
            if (within := self.apart_within.get(one.permission)) is not None:
                text, its = self.whose.sql(within, len(params) + 3)
                texts.append(f"({one.sql} <> all(${len(params) + 2}::text[]) or {text})")
                params += [list(one.values), *its]
        return texts, params


def _person(column: str) -> str:
    """The SQL of `_person_of`."""
    return f"('person-' || substr({column}, strpos({column}, '-') + 1, 36))"


def _person_of(stream_id: str) -> str:
    """The id of the person's own stream, of any stream about the person."""
    return f"person-{stream_id.partition('-')[2] or stream_id:.36}"
