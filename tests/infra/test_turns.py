"""Of one partner a few are under way; others do not wait for the rest."""

import asyncio
from uuid import UUID

import pytest

from infra.turns import Places, Turns, out_of_turn

OURS, THEIRS = UUID(int=1), UUID(int=2)


class Requests:
    """Requests that are under way until they are let go on; begun: whose, in order."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.begun = list[str]()
        self._going = dict[str, asyncio.Event]()
        self._tasks = list[asyncio.Task[None]]()

    async def come(self, tenant: UUID, *names: str, waits: bool = False) -> None:
        for name in names:
            self._going[name] = asyncio.Event()
            self._tasks.append(asyncio.create_task(self._one(tenant, name, waits)))
        await self.settle()

    async def go_on(self, name: str) -> None:
        self._going[name].set()
        await self.settle()

    async def _one(self, tenant: UUID, name: str, waits: bool) -> None:
        async with self.turns.turn(tenant):
            self.begun.append(name)
            if waits:
                async with out_of_turn():
                    await self._going[name].wait()
                self.begun.append(f"{name} again")
            else:
                await self._going[name].wait()

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        for going in self._going.values():
            going.set()
        await asyncio.gather(*self._tasks)


async def test_what_is_beyond_a_partners_turns_waits_and_nobody_else_does() -> None:
    requests = Requests(at_once=2)
    await requests.come(OURS, "a", "b", "c", "d")
    await requests.come(THEIRS, "e")
    assert requests.begun == ["a", "b", "e"]
    await requests.go_on("b")
    assert requests.begun == ["a", "b", "e", "c"]
    await requests.end()
    assert requests.begun == ["a", "b", "e", "c", "d"]


async def test_who_waits_for_a_read_model_keeps_nobody_waiting() -> None:
    requests = Requests(at_once=1)
    await requests.come(OURS, "a", "b", waits=True)
    await requests.come(OURS, "c")
    assert requests.begun == ["a", "b", "c"]
    await requests.go_on("a")
    assert requests.begun == ["a", "b", "c"]
    await requests.go_on("c")
    assert requests.begun == ["a", "b", "c", "a again"]
    await requests.end()


async def test_a_turn_that_is_over_is_not_taken_again() -> None:
    turns = Turns(at_once=1)
    async with turns.turn(OURS) as turn:
        async with out_of_turn():
            turn.end()
        async with asyncio.TaskGroup() as group:
            group.create_task(_passes(turns))


async def test_a_turn_is_taken_again_after_a_wait_that_failed() -> None:
    turns = Turns(at_once=1)
    async with turns.turn(OURS):
        with pytest.raises(TimeoutError):
            async with out_of_turn():
                raise TimeoutError
        other = asyncio.create_task(_passes(turns))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not other.done()
    await other


async def test_of_a_partner_of_whom_nothing_is_under_way_no_places_are_kept() -> None:
    places = Places(at_once=1)
    async with places.of(OURS):
        assert places.of(OURS).locked() and not places.of(THEIRS).locked()
    assert list(places.by_tenant) == []


async def _passes(turns: Turns) -> None:
    async with turns.turn(OURS):
        pass
