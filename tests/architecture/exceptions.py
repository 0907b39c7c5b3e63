"""The known exceptions to a rule, one a line in `known/<rule>.txt`; they may only become fewer.

    python -m tests.architecture.exceptions

takes out of every list what is no longer needed. Nothing puts an entry in but an editor.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

KNOWN = Path(__file__).parent / "known"

Finder = Callable[[], Iterable[str]]


def known(rule: str) -> set[str]:
    return set((KNOWN / f"{rule}.txt").read_text(encoding="utf-8").splitlines())


def hold(rule: str, found: Iterable[str]) -> None:
    """Fails on what the list does not name, and on what it names and is no longer there."""
    there, listed = set(found), known(rule)
    assert not there - listed, f"new against the rule: {sorted(there - listed)}"
    gone = sorted(listed - there)
    assert not gone, f"mended, run `python -m tests.architecture.exceptions`: {gone}"


def shrink(rule: str, found: Iterable[str]) -> None:
    """Writes the list without what is no longer there."""
    left = sorted(known(rule) & set(found))
    (KNOWN / f"{rule}.txt").write_text("".join(f"{line}\n" for line in left), encoding="utf-8")


def main() -> None:
    from tests.architecture.rules import RULES

    for rule, find in RULES.items():
        shrink(rule, find())


if __name__ == "__main__":
    main()
