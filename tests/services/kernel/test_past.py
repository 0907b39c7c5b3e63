"""What was known of a thing at a position, while others write."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from domain.people.person import Person
from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.past import known_at
from services.kernel.ports import Log
from services.kernel.roles import in_role
from services.people.person import RenamePerson
from tests.carrying import RECORDED, TENANT, MemoryLog, in_memory
from tests.staff import registered

BEGUN = date(2026, 6, 1)


class _WrittenTo:
    """A log to which somebody writes after each look at it."""

    def __init__(self, log: MemoryLog, *commands: RenamePerson) -> None:
        self._log, self._commands = log, list(commands)

    async def load(self, *asked: Any) -> Sequence[Any]:
        return await self._and_write(await self._log.load(*asked))

    async def since(self, *asked: Any) -> Sequence[Any]:
        return await self._and_write(await self._log.since(*asked))

    async def _and_write(self, found: Sequence[Any]) -> Sequence[Any]:
        hr = in_role(TENANT, "user-1", Role.HR_MANAGER)
        await execute(Context(hr, self._log, RECORDED), self._commands.pop(0))
        return found


async def test_what_is_recorded_between_two_looks_at_a_past_is_not_known_in_it() -> None:
    log = in_memory([registered("M1", name="钱主管", on=BEGUN)])
    person_id, position = log.recorded[-1].event.originator_id, len(log.recorded)
    renamed = (RenamePerson(person_id, BEGUN, name) for name in ("钱多多", "钱多多多"))
    found = await known_at(cast(Log, _WrittenTo(log, *renamed)), TENANT, person_id, position)
    assert isinstance(found, Person) and found.name == "钱主管"
    now = await known_at(log, TENANT, person_id, None)
    assert isinstance(now, Person) and now.name == "钱多多多"
