"""By what one person is told from another, where a number may have been mistyped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec

from domain.kernel.values import name_key, number_key


class Identity(msgspec.Struct, frozen=True, gc=False):
    """Somebody as a row or a record names them. cohort: the code of the first. is_again: whether
    the row says that they came back, perhaps under another name."""

    employee_no: str
    name: str
    cohort: str
    entered_on: date
    is_again: bool = False

    @property
    def number(self) -> str:
        return number_key(self.employee_no)

    @property
    def others(self) -> tuple[str, str, date]:
        """What two people have in common only by accident."""
        return name_key(self.name), number_key(self.cohort), self.entered_on


class NamedManager(msgspec.Struct, frozen=True):
    """A manager whom a row names. is_known: whether somebody is on record so. like: the known ones
    for whom the name may be mistyped."""

    is_known: bool
    like: Sequence[str]


class KnownPeople(Protocol):
    """Who is recorded. Implemented by services/reading/namesakes.py."""

    async def named(self, names: Collection[str]) -> Sequence[Identity]:
        """Those who have one of these names."""

    async def managers(self, names: Collection[str]) -> Mapping[str, NamedManager]:
        """These managers, by what rows call them."""
