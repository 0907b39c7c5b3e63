"""The demo's chance: a fixed seed, so that the same things happen every time."""

from random import Random

SEED = 20260701


def seeded(*what: object) -> Random:
    """A random generator that follows from the seed and these names alone."""
    return Random(f"{SEED} {what}")  # noqa: S311 - a fixed seed is the point
