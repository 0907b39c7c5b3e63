"""The benchmark of many partners, with few and small ones: its peers answer what it does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra.bench import large
from infra.bench.measure import Figure
from infra.bench.place import Bench, place
from infra.readside.series import SeriesFiller


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Servers of its own; everything is measured a few times among ten partners."""
    monkeypatch.setattr(large, "PEOPLE", 60)
    monkeypatch.setattr(large, "BATCH", 2)
    monkeypatch.setattr(large, "PAIRS", 3)
    monkeypatch.setattr(Bench, "size", lambda _, full, quick: 60 if quick == 60 else 10)
    async with place(rounds=1, quick=True) as bench:
        yield bench


def ratios(figures: list[Figure], name: str) -> list[float]:
    return [figure.ratios[name] for figure in figures if name in figure.ratios]


async def test_each_answer_stands_beside_its_peers(bench: Bench) -> None:
    figures = await large.run(bench)
    assert [len(ratios(figures, peer)) for peer in (large.FOLD, large.BY_SQL)] == [2, 1]


async def test_fails_where_nothing_was_to_be_filled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def filled_before(*_: Any) -> int:
        return 0

    monkeypatch.setattr(SeriesFiller, "fill", filled_before)
    with pytest.raises(RuntimeError, match="nothing was due"):
        await large.run(bench)
