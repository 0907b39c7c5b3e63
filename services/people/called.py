"""What people are called, as the log says it of them and nothing else does."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from domain.people.person import Person
from services.kernel.past import known_at
from services.kernel.ports import Log


async def names_of(
    log: Log, tenant_id: UUID, ids: Iterable[str], position: int | None = None
) -> dict[str, str]:
    """The last names that are known of people by their ids; of who was joined into another that
    one's. position: of the log, at which it was known; None: by now. Who was erased has none."""
    wanted = sorted({*ids})

    async def called(person_id: str) -> str:
        found = await known_at(log, tenant_id, person_id, position)
        if isinstance(found, Person) and (into_id := found.joined_into) is not None:
            found = await known_at(log, tenant_id, into_id, position)
        return found.name if isinstance(found, Person) else ""

    names = await asyncio.gather(*map(called, wanted))
    return {one: name for one, name in zip(wanted, names, strict=True) if name}
