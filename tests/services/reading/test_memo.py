"""What is remembered is of its own state, made once, and takes no more room than was stated."""

import asyncio
from uuid import uuid4

import pytest
from msgspec import Struct

from projections.kernel.progress import Standing
from services.reading.memo import Memo, MemoKey

TENANT = uuid4()


class Answer(Struct, frozen=True):
    position: int
    weight: int = 1


class Asking:
    """Asks a memo, and notes what had to be made."""

    def __init__(self) -> None:
        self.memo = Memo[Answer](10)
        self.made: list[Answer] = []

    async def get(self, key: MemoKey | None, answer: Answer) -> Answer:
        async def make() -> Answer:
            await asyncio.sleep(0)
            self.made.append(answer)
            return answer

        return await self.memo.get(key, make)

    async def keeps(self, key: MemoKey, answer: Answer) -> bool:
        before = len(self.made)
        assert await self.get(key, answer) == answer
        return len(self.made) == before


def key(position: int, what: str = "q") -> MemoKey:
    return (TENANT, (Standing(position),) * 2, what)


async def test_an_answer_is_recalled_for_its_state_and_question_alone() -> None:
    asking = Asking()
    for asked in (key(7), key(7), key(8), key(7, "other"), None, None):
        position = asked[1][0].position if asked else 7
        assert await asking.get(asked, Answer(position)) == Answer(position)
    assert asking.made == [Answer(7), Answer(8), *[Answer(7)] * 3]


async def test_what_shows_a_later_state_than_its_key_is_not_kept() -> None:
    asking = Asking()
    await asking.get(key(7), Answer(8))
    assert not await asking.keeps(key(7), Answer(8))


async def test_those_not_asked_for_longest_go_when_there_is_no_room() -> None:
    asking, answer = Asking(), Answer(7, weight=4)
    for what in ("a", "b", "a", "c"):
        await asking.get(key(7, what), answer)
    assert await asking.keeps(key(7, "a"), answer)
    assert await asking.keeps(key(7, "c"), answer)
    assert not await asking.keeps(key(7, "b"), answer)


async def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    asking = Asking()
    await asking.get(key(7, "small"), Answer(7))
    await asking.get(key(7, "large"), Answer(7, weight=11))
    assert await asking.keeps(key(7, "small"), Answer(7))
    assert not await asking.keeps(key(7, "large"), Answer(7, weight=11))


async def test_who_asks_while_an_answer_is_made_waits_for_it() -> None:
    asking = Asking()
    answers = await asyncio.gather(*(asking.get(key(7), Answer(7)) for _ in range(5)))
    assert answers == [Answer(7)] * 5
    assert asking.made == [Answer(7)]


async def test_what_the_last_who_waited_has_left_is_given_up_and_made_anew() -> None:
    asking, begun, given_up = Asking(), asyncio.Event(), asyncio.Event()

    async def never() -> Answer:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        raise AssertionError

    first, second = (asyncio.create_task(asking.memo.get(key(7), never)) for _ in range(2))
    await begun.wait()
    first.cancel()
    await asyncio.wait([first])
    assert not given_up.is_set()
    second.cancel()
    await asyncio.wait([second])
    assert await asking.get(key(7), Answer(7)) == Answer(7)
    assert given_up.is_set()


async def test_after_an_answer_that_failed_it_is_made_anew() -> None:
    asking = Asking()

    async def fail() -> Answer:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await asking.memo.get(key(7), fail)
    assert await asking.get(key(7), Answer(7)) == Answer(7)
