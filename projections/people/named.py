"""The names of the staff whose ids other read models have, as far as is known.

Whoever was joined into another has that one's name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.kernel.held import Held
from projections.kernel.filters import Filter, Groups
from projections.kernel.projection import TenantTables
from projections.people.joinings import JOININGS, JoiningRow, joined_of
from projections.people.people import PEOPLE

_PERSON = PEOPLE.table
_OF_PEOPLE = (
    f" from {_PERSON} left join {_PERSON} as kept"
    f" on kept.tenant_id = $1 and kept.person_id = {_PERSON}.joined_into"
    f" where {_PERSON}.tenant_id = $1 and {_PERSON}.is_staff"
)
_JOINED = f"{JOININGS.table} where tenant_id = $1"
_HELD = msgspec.json.Decoder(tuple[Held, ...])
_NAME = f"coalesce(kept.name, {_PERSON}.name)"


@dataclass(frozen=True, kw_only=True)
class NamedPerson(Filter[str]):
    """The column is the id of a person, or of somebody who was joined into that one.

    Readers take a number or a name in the place of the id. said_in: the column with the name,
    which is added to rows.
    """

    said_in: str

    @property
    def shown_in(self) -> str:
        return self.said_in

    @property
    def texts(self) -> str:
        into = f"select into_id from {_JOINED} and {JOININGS.table}.person_id = {self.column}"  # noqa: S608
        return f"coalesce(({into}), {self.column})"

    @property
    def texts_shown(self) -> str:
        # People have columns of the same names as those who name them.
        named = f"(select {_PERSON}.person_id as its_id, {_NAME} as its_name{_OF_PEOPLE}) as named"
        return f"(select its_name from {named} where its_id = {self.column})"  # noqa: S608 - ours

    def texts_of(self, row: Any, groups: Groups) -> Sequence[Any]:
        its = getattr(row, self.column)
        return [*groups.get(its, (its,))]

    def sql(self, value: Any, place: int) -> str:
        joined = f"select {JOININGS.table}.person_id from {_JOINED} and into_id = ${place}"  # noqa: S608
        return f"({self.column} = ${place} or {self.column} in ({joined}))"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return value in self.texts_of(row, groups)


async def list_known(tenant: TenantTables) -> set[str]:
    """All names that people of the staff have or had, and their numbers."""
    staff = f"select number, held from {_PERSON} where tenant_id = $1 and is_staff"  # noqa: S608
    rows = await tenant.fetch(staff)
    known = {number for number, _ in rows if number}
    for _, held in rows:
        known |= {one.value for one in _HELD.decode(held) if one.name == "name" and one.value}
    return known


def groups_of(rows: Iterable[JoiningRow]) -> Groups:
    """Whom everybody who was joined into another counts as."""
    return {one: (into,) for one, into in joined_of(rows).items()}
