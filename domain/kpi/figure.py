"""The figure of one KPI for one group, whatever it counts: what the scheme's lines judge."""

from datetime import date

from msgspec import Struct

from domain.kernel.values import Ratio


class KpiFigure(Struct, frozen=True):
    """The exact figure of a KPI (by slug), and what may still become of it.

    floor, ceiling: None where nothing bounds it. final_on: the day from which it is final, None
    where nothing says so. has_source: False where nobody records its events yet: no figure, which
    is neither 0 nor met.
    """

    slug: str
    ratio: Ratio
    floor: Ratio | None
    ceiling: Ratio | None
    is_final: bool
    final_on: date | None
    has_source: bool = True
