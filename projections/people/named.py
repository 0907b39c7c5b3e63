"""The names of the staff whose ids other read models have, as far as is known.

Whoever was joined into another has that one's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.kernel.held import Held
from projections.kernel.filters import Groups, OfPerson
from projections.kernel.projection import TenantTables
from projections.people.people import PEOPLE, PersonRow

_PERSON = PEOPLE.table
_OF_PEOPLE = (
    f" from {_PERSON} left join {_PERSON} as kept"
    f" on kept.tenant_id = $1 and kept.person_id = {_PERSON}.joined_into"
    f" where {_PERSON}.tenant_id = $1 and {_PERSON}.is_staff"
)
_HELD = msgspec.json.Decoder(tuple[Held, ...])
_NAME = f"coalesce(kept.name, {_PERSON}.name)"


@dataclass(frozen=True, kw_only=True)
class NamedPerson(OfPerson):
    """The column is the id of a person who has the name. said_in: the column with the name, which
    is added to rows."""

    said_in: str

    @property
    def shown_in(self) -> str:
        return self.said_in

    @property
    def texts(self) -> str:
        # People have columns of the same names as those who name them.
        named = f"(select {_PERSON}.person_id as its_id, {_NAME} as its_name{_OF_PEOPLE}) as named"
        return f"(select its_name from {named} where its_id = {self.column})"  # noqa: S608 - ours

    def sql(self, value: Any, place: int) -> str:
        return f"{self.column} in (select {_PERSON}.person_id{_OF_PEOPLE} and {_NAME} = ${place})"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return value in groups.get(getattr(row, self.column), ())


async def list_known(tenant: TenantTables) -> set[str]:
    """All names that people of the staff have or had, and their numbers."""
    staff = f"select number, held from {_PERSON} where tenant_id = $1 and is_staff"  # noqa: S608
    rows = await tenant.fetch(staff)
    known = {number for number, _ in rows if number}
    for _, held in rows:
        known |= {one.value for one in _HELD.decode(held) if one.name == "name" and one.value}
    return known


def names_by_id(rows: Iterable[PersonRow]) -> Mapping[str, Sequence[str]]:
    """The name of everybody by the id, as a filter looks for it; who was erased has that alone."""
    known = {row.person_id: row for row in rows}
    kept = {one: known.get(row.joined_into or one, row) for one, row in known.items()}
    return {one: (row.name or row.person_id,) for one, row in kept.items()}
