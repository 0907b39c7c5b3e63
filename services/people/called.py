"""What people are called, as the log says it of them and nothing else does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from uuid import UUID

from domain.kernel.aggregate import Aggregate
from domain.people.person import Person
from services.kernel.past import known_at
from services.kernel.ports import Log


async def name_of(known: Callable[[str], Awaitable[Aggregate | None]], person_id: str) -> str:
    """The last name that is known of somebody, of who was joined into another that one's; of who
    was erased none. known: answers what is there, by its id."""
    found = await known(person_id)
    if isinstance(found, Person) and found.joined_into is not None:
        found = await known(found.joined_into)
    return found.name if isinstance(found, Person) else ""


async def names_of(
    log: Log, tenant_id: UUID, ids: Iterable[str], position: int | None = None
) -> dict[str, str]:
    """The names of people who have one, as of `name_of`, by their ids. position: of the log, at
    which it was known; None: by now."""
    wanted, known = sorted({*ids}), partial(known_at, log, tenant_id, position=position)
    names = await asyncio.gather(*(name_of(known, one) for one in wanted))
    return {one: name for one, name in zip(wanted, names, strict=True) if name}
