"""What is asked of opened figures at once is counted at once, as long as somebody waits for it."""

import asyncio
from collections.abc import Sequence

from domain.kernel.errors import Refusal
from projections.kernel.paging import Paging
from services.reading.evaluations import AskedLines, OpenedAnswer
from services.reading.opened import Opened


class Counting:
    """Notes what is counted, which is of no end until it is let go."""

    def __init__(self) -> None:
        self.asked: list[Sequence[AskedLines]] = []
        self.begun, self.end = asyncio.Event(), asyncio.Event()
        self.is_dropped = False

    async def count(self, parts: Sequence[AskedLines]) -> OpenedAnswer:
        self.asked.append(parts)
        self.begun.set()
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.is_dropped = True
            raise
        return OpenedAnswer({part: part.among("abc") for part in parts})


async def test_parts_are_counted_together_and_those_of_later_by_themselves() -> None:
    counting = Counting()
    counting.end.set()
    opened, page = Opened(counting.count), Paging(2)
    count, lines, _ = await asyncio.gather(
        opened.count("a"), opened.lines("b", page), opened.count("a")
    )
    assert (count, lines.lines, lines.total) == (3, "ab", 3)
    assert await opened.count("a") == 3
    assert counting.asked == [(AskedLines("a"), AskedLines("b", page)), (AskedLines("a"),)]


async def test_a_cursor_that_cannot_be_read_is_refused_to_who_gave_it_alone() -> None:
    counting = Counting()
    counting.end.set()
    opened = Opened(counting.count)
    count, refused = await asyncio.gather(
        opened.count("a"), opened.lines("b", Paging(2, after="made up")), return_exceptions=True
    )
    assert count == 3
    assert isinstance(refused, Refusal) and refused.code == "cursor_invalid"


async def test_who_leaves_last_ends_the_counting() -> None:
    counting = Counting()
    opened = Opened(counting.count)
    first, last = (asyncio.create_task(opened.count(of)) for of in "ab")
    await counting.begun.wait()
    first.cancel()
    await asyncio.wait([first])
    assert not counting.is_dropped
    last.cancel()
    await asyncio.wait([last])
    await asyncio.sleep(0)
    assert counting.is_dropped
