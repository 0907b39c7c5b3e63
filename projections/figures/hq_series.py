"""What does head office see of the partners' figures: each KPI of a partner, of all and by month.

Asked through head office's own role. No batch, nobody's name; filled with the partner's own series
(infra/readside/series.py). Who backdates shows in the league of `days_late`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.kernel.values import Month, Ratio
from domain.kpi.group import WHOLE
from domain.kpi.kpi import Kpi
from domain.people.partner import HEAD_OFFICE_ID
from projections.figures.kpi_series import SeriesRow
from projections.kernel.paging import Page, Paging, Sorting
from projections.kernel.projection import DatabaseConnection, Key

TABLE = "hq_series"
KEY = ("series", "month")


class HqRow(msgspec.Struct, frozen=True):
    """One figure of a partner. month: YYYY-MM, or WHOLE."""

    series: str
    month: str
    numerator: int
    denominator: int
    is_final: bool
    rounding: str


def hq_rows(rows: Mapping[Key, SeriesRow | None]) -> dict[Key, HqRow | None]:
    """Head office's part of a partner's rows by key; None: no such row."""
    return {
        (series, key): HqRow(
            series, key, row.numerator, row.denominator, row.is_final, row.rounding
        )
        if row
        else None
        for (series, way, key), row in rows.items()
        if way in ("all", "month")
    }


class VisibleFigure(msgspec.Struct, frozen=True):
    """A partner's figure as head office sees it: of which evening and position of the partner's.

    month: None for all. rank: in the league of its month, where it is defined.
    """

    kpi: Kpi
    code: str
    name: str
    month: str | None
    ratio: Ratio
    is_final: bool
    rounding: str
    day: date
    position: int
    rank: int | None = None


class Series(msgspec.Struct, frozen=True):
    """A partner and its months, in rising order."""

    code: str
    name: str
    points: list[VisibleFigure]


class PartnerMonth(msgspec.Struct, frozen=True):
    """A partner's figures of one month, by the slugs of their KPIs; none were filled yet where
    there are none."""

    code: str
    name: str
    month: str
    figures: Mapping[str, VisibleFigure]


BY_CODE = Sorting[Series]("partners", lambda series: (series.code,), tuple[str])

_SHOWN = f"""
    select t.code, t.name, r.month, r.numerator, r.denominator, r.is_final, r.rounding, c.day,
        c.position
    from {TABLE} r
    join series_checkpoints c on c.tenant_id = r.tenant_id and c.series = r.series
        and c.position is not null
    join tenants t on t.tenant_id = r.tenant_id
"""  # noqa: S608 - a name of ours
LEAGUE = f"""
    {_SHOWN} where r.series = $1 and r.month = $2 order by t.code collate "C"
"""
POINTS = f"""
    {_SHOWN} where r.series = $1 and r.month <> $2 and t.code = any($3::text[]) order by r.month
"""
_PARTNERS = f"select tenant_id, code, name from tenants where tenant_id <> '{HEAD_OFFICE_ID}'"  # noqa: S608
_MONTH_OF = f"""
    select t.code, t.name, r.month, r.numerator, r.denominator, r.is_final, r.rounding, c.day,
        c.position, r.series
    from ({_PARTNERS}) t
    left join ({TABLE} r
        join series_checkpoints c on c.tenant_id = r.tenant_id and c.series = r.series
            and c.position is not null
    ) on r.tenant_id = t.tenant_id and r.series = any($1::text[]) and r.month
"""  # noqa: S608 - a name of ours
EVERYBODYS_MONTH = f'''{_MONTH_OF} = $2 order by t.code collate "C"'''
MONTHS_OF_ONE = f"{_MONTH_OF} <> '{WHOLE}' where t.code = $2 order by r.month"
MONTHS = f"""
    select distinct month from {TABLE} where series = any($1::text[]) and month <> '{WHOLE}'
    order by month desc limit $2
"""  # noqa: S608 - a name of ours
PARTNERS = f"""
    select code, name from ({_PARTNERS}) t
    where code collate "C" > $1 and ($2::text is null or code collate "C" < $2)
    order by code collate "C" limit $3
"""  # noqa: S608
PARTNER_COUNT = f"select count(*) from ({_PARTNERS}) t"  # noqa: S608
PARTNERS_BACKWARD = PARTNERS.replace(" limit", " desc limit")


async def list_league(
    connection: DatabaseConnection, *, kpi: Kpi, month: Month | None
) -> list[VisibleFigure]:
    """Every partner's figure of a month, or of all, with its rank: the best first, where there is a
    better, equal ones by the partners' codes; what is not defined last, and without a rank."""
    whole_or_month = WHOLE if month is None else str(month)
    rows = await connection.fetch(LEAGUE, kpi.series, whole_or_month)
    return ranked(kpi, [_shown(kpi, *row) for row in rows])


def ranked(kpi: Kpi, figures: Iterable[VisibleFigure]) -> list[VisibleFigure]:
    """Figures of one month with their ranks. figures: in the order of the partners' codes."""
    sign = 1 if kpi.direction == "lower_is_better" else -1
    league = sorted(figures, key=lambda one: _place(one.ratio, sign))
    ranks: dict[tuple[bool, Fraction], int] = {}
    return [
        replace(one, rank=ranks.setdefault(_place(one.ratio, sign), place))
        if one.ratio.denominator
        else one
        for place, one in enumerate(league, 1)
    ]


async def list_partner_series(
    connection: DatabaseConnection, *, kpi: Kpi, paging: Paging
) -> Page[Series]:
    """The partners in the order of their codes; those whose figures were never filled have no
    points. Refuses `cursor_invalid`."""
    after, before = BY_CODE.place_of(paging.after), BY_CODE.place_of(paging.before)
    partners = await connection.fetch(
        PARTNERS_BACKWARD if paging.backward else PARTNERS,
        after[0] if after else "",
        before[0] if before else None,
        paging.size + 1,
    )
    codes = [row["code"] for row in partners]
    rows = await connection.fetch(POINTS, kpi.series, WHOLE, codes)
    points: dict[str, list[VisibleFigure]] = {}
    for row in rows:
        points.setdefault(row["code"], []).append(_shown(kpi, *row))
    found = [Series(row["code"], row["name"], points.get(row["code"], [])) for row in partners]
    return BY_CODE.page(found, paging)


async def list_month(
    connection: DatabaseConnection, *, kpis: Sequence[Kpi], month: Month
) -> list[PartnerMonth]:
    """The figures of every partner in a month, in the order of the partners' codes."""
    rows = await connection.fetch(EVERYBODYS_MONTH, _series(kpis), str(month))
    return _by_place(kpis, rows, lambda code, _: code)


async def list_months_of(
    connection: DatabaseConnection, *, kpis: Sequence[Kpi], code: str
) -> list[PartnerMonth]:
    """The figures of one partner in each of its months, in their order: one without a month where
    none were filled yet, nothing of a code that no partner has."""
    rows = await connection.fetch(MONTHS_OF_ONE, _series(kpis), code)
    return _by_place(kpis, rows, lambda _, month: month)


async def list_months(
    connection: DatabaseConnection, *, kpis: Sequence[Kpi], most: int
) -> list[Month]:
    """The months that any partner has figures of, the last first."""
    rows = await connection.fetch(MONTHS, _series(kpis), most)
    return [Month.parse(row[0]) for row in rows]


def _series(kpis: Sequence[Kpi]) -> list[str]:
    return [kpi.series for kpi in kpis]


def _by_place(
    kpis: Sequence[Kpi], rows: Iterable[Any], place: Callable[[str, str], str]
) -> list[PartnerMonth]:
    by_series, found = {kpi.series: kpi for kpi in kpis}, dict[str, PartnerMonth]()
    for code, name, month, *shown, series in rows:
        one = PartnerMonth(code, name, month or "", {})
        one = found.setdefault(place(code, one.month), one)
        if kpi := by_series.get(series):
            figure = _shown(kpi, code, name, month, *shown)
            found[place(code, one.month)] = replace(one, figures={**one.figures, kpi.slug: figure})
    return list(found.values())


async def count_partners(connection: DatabaseConnection) -> int:
    """How many partners there are."""
    count: int = await connection.fetchval(PARTNER_COUNT)
    return count


def _shown(
    kpi: Kpi, code: str, name: str, month: str, numerator: int, denominator: int, *others: Any
) -> VisibleFigure:
    """others: the fields after the ratio."""
    return VisibleFigure(kpi, code, name, month or None, Ratio(numerator, denominator), *others)


def _place(ratio: Ratio, sign: int) -> tuple[bool, Fraction]:
    if not ratio.denominator:
        return (True, Fraction(0))
    return (False, sign * Fraction(ratio.numerator, ratio.denominator))
