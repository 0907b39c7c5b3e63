"""A figure counted again from its contributions alone, which are to add up to it."""

from collections.abc import Iterable

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.proof.breakdown import Breakdown


class Recomputed(Struct, frozen=True):
    """A figure counted from its contributions alone."""

    ratio: Ratio
    floor: Ratio | None
    ceiling: Ratio | None


def recompute(opened: Breakdown) -> Recomputed:
    """The figure again."""
    kpi, lines = opened.kpi, opened.lines
    if not kpi.has_source:
        return Recomputed(Ratio(0, 0), None, None)
    denominator = sum(line.denominator for line in lines)
    return Recomputed(
        Ratio(sum(line.numerator for line in lines), 1 if kpi.denominator is None else denominator),
        _sum(line.floor for line in lines) if kpi.floor else None,
        _sum(line.ceiling for line in lines) if kpi.ceiling else None,
    )


def _sum(parts: Iterable[Ratio | None]) -> Ratio:
    known = [part for part in parts if part is not None]
    return Ratio(sum(part.numerator for part in known), sum(part.denominator for part in known))
