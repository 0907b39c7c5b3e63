"""Requests that wait are answered together."""

import asyncio

from infra.log.batcher import Answered, Batcher


async def test_whoever_was_answered_and_asks_again_at_once_is_of_the_next_round() -> None:
    rounds = list[list[int]]()

    async def answer(asked: list[int]) -> Answered[int]:
        rounds.append(asked)
        # A round that takes its time, so that somebody waits for the next one.
        await asyncio.sleep(0)
        if len(rounds) == 1:
            late.append(batcher.submit(9))
        return list(asked)

    async def ask_twice(number: int) -> None:
        await batcher.submit(number)
        await batcher.submit(number)

    late = list[asyncio.Future[int]]()
    batcher = Batcher(answer, limit=8)
    await asyncio.gather(*(ask_twice(number) for number in range(4)))
    await asyncio.gather(*late)

    assert [sorted(asked) for asked in rounds] == [[0, 1, 2, 3], [0, 1, 2, 3, 9]]
