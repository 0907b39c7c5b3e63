"""`python -m infra.bench.against REVISION [PART …]`: this checkout beside an earlier one, in pairs.

The two run by turns, A B A B …, each as whole processes on servers of their own, so that both see
the same machine, and each with the packages that it is locked to. Each makes its own data up, in
its own formats, by its own code of the benchmarks; what is told of it is this checkout's. So a part
that the earlier one lacks is lent to it, and may use nothing of the product but what both have.

What is printed of each figure is its ratio, this one over the earlier one (the other way round
where lower is better: above 1 is faster), with the 95% interval of its mean.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import geometric_mean

import msgspec
from rich.console import Console
from rich.table import Table

from infra.bench.measure import Figure, interval

PARTS = ("append", "processor", "projecting", "figuring", "importing", "answering")
PAIRS = 15
ROOT = Path(__file__).resolve().parents[2]
BENCH = Path("infra/bench")
LENT = ("__main__.py", "measure.py")
"""What is measured by, of the earlier one too: it knows nothing of the product."""


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """The earlier code, set up in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chudan-before-") as folder:
        place = Path(folder) / "before"
        _run("git", "worktree", "add", "--quiet", "--detach", str(place), revision)
        try:
            _run("make", "setup", cwd=place)
            lend(place)
            yield place
        finally:
            _run("git", "worktree", "remove", "--force", str(place))


def lend(place: Path) -> None:
    """Gives a checkout what it is measured by, and the parts that it lacks."""
    for ours in (ROOT / BENCH).glob("*.py"):
        its = place / BENCH / ours.name
        if ours.name in LENT or not its.exists():
            shutil.copyfile(ours, its)


def measured(place: Path, parts: Sequence[str]) -> dict[tuple[str, str], Figure]:
    """The figures of one quick run of a checkout's code, by part and name."""
    python = place / ".venv/bin/python"
    _run(str(python), "-P", "-m", "infra.bench", *parts, "--quick", cwd=place)
    note = msgspec.json.decode((place / "var/bench.json").read_bytes())
    figures = msgspec.convert(note["figures"], list[Figure])
    return {(figure.part, figure.name): figure for figure in figures}


def compare(revision: str, parts: Sequence[str], pairs: int) -> Table:
    """The table of all figures; of one that only one side has there are no pairs."""
    found: dict[tuple[str, str], list[float]] = {}
    with checkout(revision) as before:
        for number in range(pairs):
            try:
                earlier, now = measured(before, parts), measured(ROOT, parts)
            except KeyboardInterrupt:
                break  # The results so far are reported.
            for key in now | earlier:
                found.setdefault(key, []).extend(ratio_of(now.get(key), earlier.get(key)))
            print(f"{number + 1}/{pairs}", file=sys.stderr)  # noqa: T201 - progress of a long run
    table = Table("part", "who", "pairs", "ratio", "95% interval")
    for (part, name), ratios in found.items():
        if not ratios:
            table.add_row(part, name, "0", "", "measured on one side only")
            continue
        low, high = interval(ratios)
        mean = f"{geometric_mean(ratios):.3f}"
        table.add_row(part, name, str(len(ratios)), mean, f"{low:.3f} to {high:.3f}")
    return table


def ratio_of(now: Figure | None, earlier: Figure | None) -> list[float]:
    """How much faster a figure is now; nothing where either side did not measure it."""
    if not (now and earlier and now.value and earlier.value):
        return []
    ratio = now.value / earlier.value
    return [1 / ratio if now.lower_is_better else ratio]


def main() -> None:
    """Parses the command line, measures by turns, prints."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench.against")
    parser.add_argument("revision", help="of git: what this checkout is measured beside")
    parser.add_argument("parts", nargs="*", metavar="PART", default=list(PARTS))
    parser.add_argument("--pairs", type=int, default=PAIRS)
    asked = parser.parse_args()
    Console(width=140).print(compare(asked.revision, asked.parts or list(PARTS), asked.pairs))


def _run(*words: str, cwd: Path = ROOT) -> None:
    subprocess.run(  # noqa: S603 - our own programs, as whole processes
        words, cwd=cwd, stdout=subprocess.DEVNULL, check=True
    )


if __name__ == "__main__":
    main()
