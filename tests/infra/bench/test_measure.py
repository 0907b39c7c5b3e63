"""What is measured beside a peer, and what of two checkouts is compared."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from infra.bench import against
from infra.bench.measure import Figure, beside


async def answer(value: int) -> int:
    return value


async def test_a_peer_that_answers_the_same() -> None:
    assert await beside(answer(1), answer(1)) > 0


async def test_a_peer_that_answers_something_else() -> None:
    with pytest.raises(RuntimeError, match="something else"):
        await beside(answer(1), answer(2))


def measured(place: Path, _: object) -> dict[tuple[str, str], Figure]:
    def figure(name: str, value: float) -> Figure:
        return Figure(part="past", name=name, value=value, unit="ms", lower_is_better=True)

    mine = figure("now", 1.0) if place == against.ROOT else figure("before", 1.0)
    both = figure("both", 2.0 if place == against.ROOT else 3.0)
    return {(one.part, one.name): one for one in (both, mine)}


def test_figures_that_only_one_side_has_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(against, "measured", measured)
    monkeypatch.setattr(against, "checkout", lambda _: nullcontext(Path("/elsewhere")))
    table = against.compare("HEAD", ["large"], 2)
    assert [*zip(*(column.cells for column in table.columns), strict=True)] == [
        ("past", "both", "2", "1.500", "1.500 to 1.500"),
        ("past", "now", "0", "", "measured on one side only"),
        ("past", "before", "0", "", "measured on one side only"),
    ]


def test_an_earlier_checkout_is_lent_what_it_lacks_and_keeps_how_it_makes_its_data(
    tmp_path: Path,
) -> None:
    its = tmp_path / against.BENCH
    its.mkdir(parents=True)
    for name in ("measure.py", "synthetic.py"):
        (its / name).write_text("earlier", encoding="utf-8")
    against.lend(tmp_path)
    ours = against.ROOT / against.BENCH
    for name in ("measure.py", "__main__.py", "processor.py"):
        assert (its / name).read_bytes() == (ours / name).read_bytes()
    assert (its / "synthetic.py").read_text(encoding="utf-8") == "earlier"
