"""Values that many follow: looked at once, told as they are, and in turns."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import asyncpg
import pytest
import structlog

from infra.database.retries import DatabaseAwayError
from infra.database.watcher import AT_ONCE, Watcher


class Values:
    """Values that change, and the looks at them."""

    def __init__(self, **values: object) -> None:
        self.values, self.looks = values, list[list[str]]()
        self.troubles = list[Exception]()

    async def look(self, keys: Sequence[str]) -> dict[str, object]:
        self.looks.append(sorted(keys))
        if self.troubles:
            raise self.troubles.pop(0)
        return {key: self.values[key] for key in keys if key in self.values}


async def test_one_look_serves_all_who_follow_and_each_is_told_the_same_object() -> None:
    known = Values(a=["first"], b=["other"])
    watcher = Watcher(known.look, 0.0)
    with ExitStack() as all_of_them:
        followers = [all_of_them.enter_context(watcher.follow("a")) for _ in range(3)]
        other = all_of_them.enter_context(watcher.follow("b"))
        told = await asyncio.gather(*(follower.news() for follower in (*followers, other)))
        assert [one is known.values["a"] for one in told] == [True, True, True, False]
        waiting = [asyncio.ensure_future(follower.news()) for follower in (*followers, other)]
        known.values["a"] = ["second"]
        assert {id(one) for one in await asyncio.gather(*waiting[:3])} == {id(known.values["a"])}
        assert not waiting[3].done()
        waiting[3].cancel()
    assert set(map(tuple, known.looks)) == {("a", "b")}


async def test_who_was_not_there_meanwhile_is_told_the_latest_alone() -> None:
    known = Values(a=1)
    watcher = Watcher(known.look, 0.0)
    with watcher.follow("a") as quick, watcher.follow("a") as slow:
        for value in (1, 2, 3):
            known.values["a"] = value
            assert await quick.news() == value
        assert await slow.news() == 3


async def test_a_wait_that_is_given_up_leaves_nothing_behind_and_the_next_is_told() -> None:
    known = Values()
    watcher = Watcher(known.look, 0.0)
    with watcher.follow("a") as follower:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(follower.news(), 0)
        assert not watcher._followed["a"].waiting
        known.values["a"] = 1
        assert await follower.news() == 1
    assert not watcher._followed


async def test_what_the_installation_lacks_is_waited_for_and_logged_once() -> None:
    known = Values(a=1)
    known.troubles = [DatabaseAwayError(), DatabaseAwayError(), asyncpg.DiskFullError()]
    watcher = Watcher(known.look, 0.0)
    with structlog.testing.capture_logs() as logged, watcher.follow("a") as follower:
        assert await follower.news() == 1
    assert [(line["event"], line["error"]) for line in logged] == [
        ("look_waits", "DatabaseAwayError"),
        ("look_waits", "DiskFullError"),
    ]


async def test_a_fault_of_a_look_is_told_and_who_follows_anew_is_answered() -> None:
    known = Values(a=1)
    watcher = Watcher(known.look, 0.0)
    for fault in (ValueError("ours"), asyncpg.UndefinedTableError("ours")):
        known.troubles = [fault]
        with watcher.follow("a") as follower:
            with pytest.raises(type(fault), match="ours"):
                await follower.news()
            with watcher.follow("a") as anew:
                assert await anew.news() == 1


async def test_what_keeps_a_look_from_one_value_is_told_to_who_follows_that_one() -> None:
    known = Values(a=1, bad=ValueError("not yours"))
    watcher = Watcher(known.look, 0.0)
    with watcher.follow("a") as follower, watcher.follow("bad") as failing:
        with pytest.raises(ValueError, match="not yours"):
            await failing.news()
        for value in (1, 2):
            known.values["a"] = value
            assert await follower.news() == value


async def test_many_who_come_and_go_have_nobody_elses_value_looked_at_again() -> None:
    known = Values(a=1, b=2)
    watcher = Watcher(known.look, 3_600.0)
    with watcher.follow("a") as follower:
        assert await follower.news() == 1
        for _ in range(9):
            with watcher.follow("b") as short:
                assert await short.news() == 2
    assert known.looks == [["a"], *[["b"]] * 9]


async def test_of_a_crowd_few_go_on_in_one_turn_of_the_loop() -> None:
    known = Values()
    watcher = Watcher(known.look, 0.0)
    turn, went_on = 0, list[int]()

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    async def follow() -> None:
        with watcher.follow("a") as follower:
            await follower.news()
            went_on.append(turn)

    crowd = [asyncio.create_task(follow()) for _ in range(3 * AT_ONCE)]
    await asyncio.sleep(0)
    counting = asyncio.create_task(count_turns())
    known.values["a"] = 1
    await asyncio.gather(*crowd)
    counting.cancel()
    assert max(went_on.count(one) for one in set(went_on)) == AT_ONCE
