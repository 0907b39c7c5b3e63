"""A partner's figures along its months, batches and people, read instead of computed.

They are stored for one evening and one state of the partner, each KPI's by itself
(infra/readside/series.py), and are what domain.kpi.evaluation answers for the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from domain.kernel.values import Ratio
from domain.kpi.evaluation import RULES_VERSION, Evaluated
from domain.kpi.group import Way
from domain.kpi.kpi import Kpi, KpiFigure
from projections.figures.evidence import SOURCES
from projections.kernel.projection import Key, TenantTables
from projections.kernel.rows import row_codec, selected

TABLE = "kpi_series"
KEY = ("series", "way", "key")

MADE_OF = " ".join((f"rules_v{RULES_VERSION}", *(projection.table for projection in SOURCES)))
"""By which rules, and of which versions of the read models, a series was computed."""


class SeriesRow(msgspec.Struct, frozen=True):
    """One figure. series: Kpi.series. key: month (YYYY-MM), code or a
    person's id. versions: of the scheme;
    rounding: how the figure is shown."""

    series: str
    way: str
    key: str
    numerator: int
    denominator: int
    floor: Ratio | None
    ceiling: Ratio | None
    is_final: bool
    final_on: date | None
    versions: tuple[int, ...]
    rounding: str

    def figure(self, kpi: Kpi) -> KpiFigure:
        """The figure of a row."""
        return KpiFigure(
            slug=kpi.slug,
            ratio=Ratio(self.numerator, self.denominator),
            floor=self.floor,
            ceiling=self.ceiling,
            is_final=self.is_final,
            final_on=self.final_on,
            has_source=kpi.has_source,
        )


def rows_of(
    kpis: Sequence[Kpi], found: Mapping[Way, Mapping[str, Evaluated]]
) -> dict[Key, SeriesRow]:
    """The rows of the figures of every way, by their keys."""
    return {
        (kpi.series, way, key): SeriesRow(
            series=kpi.series,
            way=way,
            key=key,
            numerator=one[kpi.slug].ratio.numerator,
            denominator=one[kpi.slug].ratio.denominator,
            floor=one[kpi.slug].floor,
            ceiling=one[kpi.slug].ceiling,
            is_final=one[kpi.slug].is_final,
            final_on=one[kpi.slug].final_on,
            versions=one.versions,
            rounding=one.rounding,
        )
        for way, groups in found.items()
        for key, one in groups.items()
        for kpi in kpis
    }


_ROWS = row_codec(SeriesRow).rows_of


async def get_series(
    tenant: TenantTables, *, way: Way, kpis: Sequence[Kpi], day: date, position: int
) -> dict[str, Evaluated] | None:
    """The figures by key, in the order of the keys; None unless all of these series are of this
    evening and position."""
    names = list({kpi.series for kpi in kpis})
    current = await tenant.fetchval(
        "select count(*) from series_checkpoints where tenant_id = $1"
        " and series = any($2::text[]) and day = $3 and position = $4 and made_of = $5",
        names,
        day,
        position,
        MADE_OF,
    )
    if current < len(names):
        return None
    rows = await tenant.fetch(
        f"select {selected(SeriesRow)} from {TABLE}"  # noqa: S608 - names of ours
        " where tenant_id = $1 and series = any($2::text[]) and way = $3 order by key",
        names,
        way,
    )
    by_key: dict[str, dict[str, SeriesRow]] = {}
    for row in _ROWS(rows):
        by_key.setdefault(row.key, {})[row.series] = row
    return {
        key: Evaluated(
            {kpi.slug: found[kpi.series].figure(kpi) for kpi in kpis},
            found[names[0]].versions,
            found[names[0]].rounding,
        )
        for key, found in by_key.items()
    }
