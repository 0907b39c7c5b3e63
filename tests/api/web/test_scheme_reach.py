"""What a new version of the scheme would make of submitted months, without a browser."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from api.web.kit.wording import Wording
from api.web.pages.scheme_months import compare_months, paired_bars
from api.web.pages.scheme_reach import list_differing
from domain.kernel.values import Month, Ratio
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.newcomer import Newcomer
from projections.reporting.submissions import VintageRow
from services.words.texts import read_texts
from tests.domain.kpi.facts import newcomer, order

JUNE, DAY = Month(2026, 6), date(2026, 9, 1)
RATE = Ratio(12, 18)
LINE = Line("A1", Decimal(40), (Criterion("order_rate", Ratio(60, 100)),), name="出单")
HELD = Version(1, Month(2026, 1), lines=(LINE,))
PEOPLE = [
    newcomer(number, orders=(order(date(2026, 6, 9), f"N{number}"),) if number < 12 else ())
    for number in range(18)
]


class Counted(list[Newcomer]):
    """Newcomers who are gone over, and how often."""

    times = 0

    def __iter__(self) -> Iterator[Newcomer]:
        self.times += 1
        return super().__iter__()


def stated(*months: Month) -> dict[Month, VintageRow]:
    return {
        month: VintageRow(
            number=1,
            report_id="report-1",
            happened_by=DAY,
            pinned_position=9,
            scheme_versions=(0,),
            calendar_version="2026",
            file_id=UUID(int=1),
            sha256="0" * 64,
            figures={"order_rate": RATE},
            provisional=(),
            submitted_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        for month in months
    }


def differing(newcomers: list[Newcomer], months: dict[Month, VintageRow], version: Version) -> Any:
    scheme = Scheme((HELD,))
    basis = Basis(Evidence(newcomers, scheme=scheme), date(2026, 9, 20))
    return list_differing(basis, months, scheme, version)


def with_line(**changed: Any) -> dict[str, Any]:
    return {"lines": (replace(LINE, **changed),)}


@pytest.mark.parametrize(
    ("says", "differs"),
    [
        ({}, False),
        (with_line(name="出单率"), False),
        ({"parameters": Parameters(rounding="half_up")}, True),
        ({"parameters": Parameters(window_days=5)}, True),
        ({"parameters": Parameters(window_days=29)}, False),
        (with_line(weight=Decimal(30)), True),
        (with_line(criteria=(Criterion("order_rate", Ratio(80, 100)),)), True),
        (with_line(criteria=(Criterion("order_rate"),)), True),
    ],
    ids=[
        "the same again",
        "another name of a line",
        "another rounding of the same fraction",
        "a window that most orders lie outside of",
        "a window with the same orders",
        "another weight",
        "a target that is missed",
        "no target",
    ],
)
def test_a_submitted_month_reads_otherwise_under_a_version_that_prints_another_number(
    says: dict[str, Any], differs: bool
) -> None:
    version = Version(2, JUNE, **{"lines": HELD.lines, **says})
    assert differing(PEOPLE, stated(JUNE), version) == ([JUNE] if differs else [])


@pytest.mark.parametrize(
    ("says", "first", "last"),
    [
        (Parameters(), Month(2025, 1), Month(2025, 5)),
        (Parameters(kpi_month="window_close", window_days=40), Month(2025, 1), Month(2025, 7)),
        (Parameters(trial_denominator="entered"), Month(2024, 1), Month(2025, 5)),
        (Parameters(regolive="latest"), Month(2025, 1), Month(2026, 7)),
    ],
)
def test_before_a_later_version_the_months_that_a_new_one_reaches_are_compared(
    says: Parameters, first: Month, last: Month
) -> None:
    scheme = Scheme((Version(2, Month(2025, 6), lines=HELD.lines),))
    people = [newcomer(n, live=date(2024 + n // 12, 1 + n % 12, 3)) for n in range(31)]
    basis = Basis(Evidence(people, scheme=scheme), date(2026, 7, 20))
    found = compare_months(basis, scheme, Version(3, Month(2025, 1), says, HELD.lines))
    months = [*found.earlier, *(one.month for one in found.pairs)]
    assert months == [first.next(n) for n in range(len(months))]
    assert months[-1] == last


def test_each_month_from_the_version_on_that_holds_people_is_compared_and_twelve_at_most() -> None:
    on = [date(2026, 6, 2), date(2026, 8, 3), date(2027, 12, 1)]
    on += [date(2027, month, 1) for month in range(1, 12)]
    early = newcomer(99, live=date(2026, 5, 4))
    people = [early, *(newcomer(n, live=day) for n, day in enumerate(on))]
    people += [newcomer(50, live=on[-1], orders=(order(on[-1] + timedelta(days=8)),))]
    basis = Basis(Evidence(people, scheme=Scheme((HELD,))), date(2027, 12, 20))
    version = Version(2, JUNE, Parameters(window_days=5), HELD.lines)
    found = compare_months(basis, basis.evidence.scheme, version)
    assert [str(one) for one in found.earlier] == ["2026-06", "2026-08"]
    assert [one.month for one in found.pairs] == [Month(2027, month) for month in range(1, 13)]
    charts = {one.name: one for one in paired_bars(found, Wording(read_texts("en"), "UTC"))}
    assert [charts[name].top for name in ("Order rate", "Average orders")] == ["100%", "0.50"]
    rates = [[bar.said for bar in pair] for pair in charts["Order rate"].bars]
    assert rates == [["0.0%", "0.0%"]] * 10 + [["50.0%", "0.0%"], ["0.0%", "0.0%"]]
    ahead = replace(version, effective_from=Month(2028, 1))
    assert not compare_months(basis, basis.evidence.scheme, ahead).pairs


def test_everybody_is_gone_over_twice_only_where_the_parameters_differ() -> None:
    def times(says: Parameters) -> int:
        people = Counted([newcomer(1), newcomer(2)])
        differing(people, stated(JUNE), Version(2, JUNE, says, HELD.lines))
        return people.times

    assert times(Parameters(window_days=20)) == 2 * times(Parameters())
