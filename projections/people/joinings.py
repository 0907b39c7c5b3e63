"""Who turned out to be whom?"""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.kernel.aggregate import Recorded
from domain.people.person import Person
from projections.kernel.projection import Projection, TenantTables


class JoiningRow(msgspec.Struct, frozen=True):
    """Somebody who was joined into another person. into_id: who is meant instead."""

    person_id: str
    into_id: str


def evolve(_: JoiningRow | None, recorded: Recorded) -> JoiningRow | None:
    """The row after an event; None of who is somebody else after all."""
    event: Any = recorded.event
    is_joined = isinstance(event, Person.Joined)
    return JoiningRow(event.originator_id, event.into_id) if is_joined else None


JOININGS = Projection(
    name="joinings",
    version=1,
    row=JoiningRow,
    primary_key=("person_id",),
    events=(Person.Joined, Person.JoiningWithdrawn),
    evolve=evolve,
    loads=False,
)
"""Apart from the other facts about people, since figures follow from it and from none of those."""


async def list_joined(tenant: TenantTables) -> dict[str, str]:
    """Everybody who was joined into another, with whom."""
    rows = await tenant.fetch(
        f"select person_id, into_id from {JOININGS.table} where tenant_id = $1"  # noqa: S608 - ours
    )
    return dict(rows)


def joined_of(rows: Iterable[JoiningRow]) -> dict[str, str]:
    """The same of rows in memory."""
    return {row.person_id: row.into_id for row in rows}
