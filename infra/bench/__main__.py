"""`python -m infra.bench [PART …] [--quick]`: measures, prints the table, writes var/bench.json."""

import argparse
import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from infra.bench.measure import Figure, LeftOutError
from infra.bench.place import Bench, place

PARTS = (
    "append",
    "processor",
    "projecting",
    "figuring",
    "importing",
    "answering",
    "connections",
    "flooding",
    "costliest",
    "doors",
    "pages",
    "large",
)
ROUNDS, QUICK_ROUNDS = 7, 3


async def measure(parts: list[str], *, quick: bool) -> list[Figure]:
    """The figures of these parts, each on servers of its own."""
    figures: list[Figure] = []
    for part in parts:
        run: Callable[[Bench], Awaitable[list[Figure]]] = import_module(f"infra.bench.{part}").run
        async with place(rounds=QUICK_ROUNDS if quick else ROUNDS, quick=quick) as bench:
            try:
                figures += await run(bench)
            except LeftOutError as why:
                why.tell(part)
    return figures


def as_table(figures: list[Figure]) -> Table:
    """Each figure, its ratios to its peers and limits, and whether its target is met."""
    table = Table("part", "who", "median", "unit", "ratio to", "target")
    for figure in figures:
        ratios = "\n".join(_said(figure, name) for name in figure.ratios)
        targets = "\n".join(f"{name} {least:g}" for name, least in figure.targets.items())
        verdict = {True: "met: ", False: "missed: ", None: ""}[figure.met]
        table.add_row(
            figure.part,
            figure.name,
            f"{figure.value:,.1f}",
            figure.unit,
            ratios,
            f"{verdict}{targets}",
        )
    return table


def _said(figure: Figure, name: str) -> str:
    """A ratio, with the 95% interval where there is one."""
    between = figure.intervals.get(name)
    within = f" ({between[0]:.2f} to {between[1]:.2f})" if between else ""
    return f"{figure.ratios[name]:.2f}{within} x {name}"


def main() -> None:
    """Parses the command line, measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    asked = parser.parse_args()
    unknown = [part for part in asked.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]}: {', '.join(PARTS)}")
    figures = asyncio.run(measure(asked.parts or list(PARTS), quick=asked.quick))
    Console(width=140).print(as_table(figures))
    note: Mapping[str, object] = {
        "at": datetime.now(UTC),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "quick": asked.quick,
        "figures": figures,
    }
    path = Path("var/bench.json")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(note)))


if __name__ == "__main__":
    main()
