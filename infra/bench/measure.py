"""Paired, interleaved measuring: A B A B …, medians, and ratios within each round.

A shared machine changes its speed from minute to minute; what is compared within one round has seen
the same machine.
"""

import asyncio
import gc
import random
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from statistics import geometric_mean, median
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

Contender = Callable[[], Awaitable[float]]
"""Does its work once and answers a rate: things per second."""

RESAMPLED = 10_000
MOST_OF_NOTHING = 3.0


class LeftOutError(Exception):
    """A part or a peer that cannot be measured on this machine, and why, in words."""

    def tell(self, what: str) -> None:
        """Says so where the figures are missing."""
        print(f"left out: {what}: {self}", file=sys.stderr)  # noqa: T201 - no figure says it


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    value: the median. ratios: to whom -> the median of the rounds' ratios; intervals: of their
    mean. targets: what value, or the ratio of that name, should reach, or not exceed where lower is
    better.
    """

    part: str
    name: str
    value: float
    unit: str
    rounds: list[float] = []
    ratios: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    targets: dict[str, float] = {}
    lower_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """Whether all targets are met; None where there is none. `value` names the value itself."""
        if not self.targets:
            return None
        got = {"value": self.value, **self.ratios}
        sign = -1 if self.lower_is_better else 1
        return all(sign * got[name] >= sign * least for name, least in self.targets.items())


def milliseconds(
    part: str, name: str, value: float, most: float | None = None, **ratios: float
) -> Figure:
    """A line of a duration, with the limit that it is to stay below. ratios: see Figure."""
    targets = {} if most is None else {"value": most}
    return Figure(
        part=part,
        name=name,
        value=round(value, 2),
        unit="ms",
        ratios=ratios,
        targets=targets,
        lower_is_better=True,
    )


def beside_nothing(part: str, name: str, value: float, nothing: float, most: float) -> Figure:
    """A line of a duration, with its ratio to that of the same machine with nothing to do beside.
    most: that it is to stay below, or below so many times of nothing where the machine alone takes
    long."""
    ratio = round(value / nothing, 2)
    most = max(most, round(MOST_OF_NOTHING * nothing, 1))
    return milliseconds(part, name, value, most, nothing=ratio)


def spread(
    part: str,
    values: Sequence[float],
    most: float | None = None,
    of: str = "",
    ratios: Mapping[str, float] | None = None,
) -> list[Figure]:
    """The lines of the durations below which a half and 99 of a hundred stay; most: of the latter.

    of: the word before them, where a part measures several things. ratios: of the former.
    """
    return [
        milliseconds(part, f"{of} p50".strip(), percentile(values, 0.5), **(ratios or {})),
        milliseconds(part, f"{of} p99".strip(), percentile(values, 0.99), most),
    ]


async def rate(work: Callable[[int, float], Awaitable[int]], at_once: int, seconds: float) -> float:
    """Things per second of so many lanes. work: of a lane, until a time; answers how many."""
    started = time.perf_counter()
    done = await asyncio.gather(*(work(lane, started + seconds) for lane in range(at_once)))
    return sum(done) / (time.perf_counter() - started)


async def per_second(things: int, work: Awaitable[object]) -> float:
    """The rate at which some work does so many things."""
    return things / (await timed(work) / 1e3)


async def timed(answer: Awaitable[object]) -> float:
    """Milliseconds until the answer is there."""
    started = time.perf_counter()
    await answer
    return (time.perf_counter() - started) * 1e3


async def beside(ours: Coroutine[Any, Any, T], peer: Coroutine[Any, Any, T]) -> float:
    """How many times as fast as the peer we answer, one after the other.

    Raises RuntimeError unless both answer the same.
    """
    answers, took = [], []
    for asked in (ours, peer):
        answering = asyncio.ensure_future(asked)
        took.append(await timed(answering))
        answers.append(answering.result())
    if answers[0] != answers[1]:
        raise RuntimeError("the peer answers something else")
    return took[1] / took[0]


async def interleaved(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """The rates of each, round by round; one round before the first warms up and is not kept."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            gc.collect()
            rate = await contender()
            if number:
                rates[name].append(rate)
    return rates


def compared(
    part: str,
    ours: str,
    rates: Mapping[str, Sequence[float]],
    *,
    unit: str,
    targets: dict[str, float] | None = None,
) -> list[Figure]:
    """A line for each; the line of `ours` has its ratios to the others."""
    pairs = {
        other: [one / two for one, two in zip(rates[ours], its, strict=True)]
        for other, its in rates.items()
        if other != ours
    }
    ratios = {other: round(median(its), 3) for other, its in pairs.items()}
    intervals = {other: interval(its) for other, its in pairs.items()}
    return [
        Figure(
            part=part,
            name=name,
            value=round(median(values), 1),
            unit=unit,
            rounds=[round(value, 1) for value in values],
            ratios=ratios if name == ours else {},
            intervals=intervals if name == ours else {},
            targets=(targets or {}) if name == ours else {},
        )
        for name, values in rates.items()
    ]


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """The 95% interval of the geometric mean, by the percentile bootstrap (Efron 1979)."""
    draw = random.Random(7)  # noqa: S311 - a resampling, no secret
    means = sorted(geometric_mean(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLED))
    return means[round(0.025 * RESAMPLED)], means[round(0.975 * RESAMPLED) - 1]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which the share (0 to 1) of them lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
