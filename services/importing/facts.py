"""The facts that one row of a sheet states: each is refused by itself, and the others stand.

What a kind of sheet is about is the fact on which all others rest: who was enrolled, which order
was closed. Whatever is no cell of another fact is a cell of this one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, TypeVar

import msgspec

from domain.kernel.bounds import Many, Text

FieldName = Annotated[str, Text(64)]

C = TypeVar("C", bound=msgspec.Struct)

ASSUMED: Final = "assumed"
"""In the source of a row's events: the facts that the row gives no day for (decisions/0006)."""


class RowFact(msgspec.Struct, frozen=True):
    """A fact that a row states beside what it is about. fields: its cells, by the first of which it
    is called. said_by: those of them that state it, where that is not the first alone; the others
    add to it. rests_on: the facts of the row, each declared before it, for lack of which it may be
    refused with the code `lacking`. dated_by: the cells of which the first that is filled gives its
    day. topics: of the events that it becomes."""

    fields: tuple[str, ...]
    said_by: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    lacking: str = ""
    dated_by: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.fields[0]

    def is_stated(self, filled: AbstractSet[str]) -> bool:
        """Whether a row states it. filled: the fields of its cells that hold something."""
        return not filled.isdisjoint(self.said_by or self.fields[:1])

    def lacked(self, code: str, missing: Collection[str]) -> list[str]:
        """The facts that it rests on and was refused for lack of. missing: of that refusal."""
        if code != self.lacking:
            return []
        # What lacks is named by what it is: `trial` of a `trial_verdict`.
        return [one for one in self.rests_on if one.startswith(tuple(missing))]

    def is_assumed(self, command: msgspec.Struct) -> bool:
        """Whether what a row says of the fact has no day of its own, and takes another's."""
        return bool(self.dated_by) and self.dating(command) not in self.fields

    def dating(self, command: msgspec.Struct) -> str | None:
        """The field that gives its day in a row."""
        given = (field for field in self.dated_by if getattr(command, field) is not None)
        return next(given, None)


def fact_of(facts: Sequence[RowFact], field: str) -> RowFact | None:
    """The fact that a cell is of; None for one of what the row is about."""
    return next((fact for fact in facts if field in fact.fields), None)


def adding_to_nothing(
    facts: Sequence[RowFact], values: Mapping[str, Any], filled: AbstractSet[str]
) -> Iterator[str]:
    """The fields of a row that add to a fact which it does not state; a no adds nothing. values:
    what could be read of the cells that are filled."""
    for fact in facts:
        if not filled.isdisjoint(fact.fields) and not fact.is_stated(filled):
            yield from (field for field in fact.fields if values.get(field))


class StatedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the command of a row with several facts says besides. left: those that are not to be
    carried out, though a cell of theirs still dates others."""

    left: Annotated[tuple[FieldName, ...], Many(32)] = ()


class RowFacts:
    """Which facts of a row still stand, while one after the other is refused.

    A fact that is refused again, though it was left out, is refused for its cell: then nothing can
    be dated by that either. refused: by name.
    """

    def __init__(
        self, facts: Sequence[RowFact], unread: Collection[str] = (), *, is_whole: bool = False
    ) -> None:
        """unread: the fields whose cells cannot be read. is_whole: the row is refused with any of
        its facts."""
        self._facts, self._is_whole = facts, is_whole
        self.refused = {fact.name for field in unread if (fact := fact_of(facts, field))}
        self._lost = {*unread}
        self._lacking: dict[str, str] = {}

    @property
    def is_refused(self) -> bool:
        """Whether the row is refused with what is refused of it."""
        return self._is_whole and bool(self.refused)

    def refuse(
        self, field: str | None, code: str, params: Mapping[str, Any], command: msgspec.Struct
    ) -> bool:
        """Leaves the fact out of whose cells one was refused; False where the whole row is. params:
        of the refusal, whose `missing` say what the fact lacks."""
        fact = self._of(field)
        if fact is None or self._lost.issuperset(fact.fields):
            return False
        missing = params.get("missing", ())
        if self._lacks(fact, fact.lacked(code, missing), self.left(command)):
            return True
        if fact.name in self.refused or fact.name in self._lacking:
            self._lost.update(fact.fields)
        self.refused.add(fact.name)
        return not self._is_whole

    def is_left_for(self, field: str | None, code: str) -> bool:
        """Whether a refusal was that of a fact which is left for lack of another."""
        fact = self._of(field)
        return fact is not None and fact.name in self._lacking and code == fact.lacking

    def _of(self, field: str | None) -> RowFact | None:
        """The fact of whose cells one was refused, by the field that a refusal names."""
        return fact_of(self._facts, (field or "").partition(".")[0])

    def _lacks(self, fact: RowFact, lacked: Sequence[str], left: Mapping[str, str]) -> bool:
        """Leaves a fact for lack of one that is refused or left itself; False where it lacks none
        of these."""
        needed = [one for one in lacked if one in self.refused or one in left]
        if not needed or fact.name in left:
            return False
        self._lacking[fact.name] = left.get(needed[0], needed[0])
        return True

    def left(self, command: msgspec.Struct) -> dict[str, str]:
        """The facts that are left, each with the refused one without which it cannot be."""
        left: dict[str, str] = {}
        for fact in self._facts if self.refused else ():
            needed = self._lacking.get(fact.name) or self._lost_date(fact, command)
            if needed and fact.name not in self.refused:
                left[fact.name] = needed
        return left

    def standing(self, command: C, held: Collection[str] = ()) -> C:
        """The command without the facts that are refused or left. held: those that it does not say
        yet."""
        gone = {*held, *self.refused, *self.left(command)}
        if not gone:
            return command
        dates = {field for fact in self._facts for field in fact.dated_by} - self._lost
        cells = {field for fact in self._facts if fact.name in gone for field in fact.fields}
        blank: dict[str, Any] = dict.fromkeys(cells - dates)
        return msgspec.structs.replace(command, left=tuple(sorted(gone)), **blank)

    def _lost_date(self, fact: RowFact, command: msgspec.Struct) -> str | None:
        """The fact whose cell would give the day of another, where that cannot be taken."""
        for field in fact.dated_by:
            if field in self._lost:
                its = fact_of(self._facts, field)
                return its.name if its else None
            if getattr(command, field) is not None:
                break
        return None
