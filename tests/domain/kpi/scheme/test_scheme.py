"""Publishing versions of the KPI scheme."""

from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme import versions as rules
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.scheme import KpiScheme, version_of
from domain.kpi.scheme.versions import HEAD_OFFICE, Parameters, Version

LONG = Parameters(window_days=120, kpi_month="window_close")


def line(code: str, weight: int, kpi: str = "order_rate") -> Line:
    return Line(code, Decimal(weight), (Criterion(kpi),))


def test_what_was_published_is_what_scores() -> None:
    scheme = KpiScheme.start("scheme-1")
    scheme.publish(effective_from="2026-07", parameters=LONG)
    scheme.publish(effective_from="2026-01")
    _, first, second = scheme.collect_events()
    assert version_of(first) == Version(1, Month(2026, 7), LONG)
    assert version_of(second) == Version(2, Month(2026, 1), Parameters())
    assert (
        rules.Scheme((version_of(first), version_of(second))).in_force(Month(2026, 6)).number == 2
    )


@pytest.mark.parametrize(
    ("effective_from", "change", "code"),
    [
        ("2026-07", {}, "scheme_overlaps"),
        ("2026-13", {}, "month_invalid"),
        ("2026-08", {"lines": ()}, "scheme_without_lines"),
        ("2026-08", {"lines": (line("a", 60), line("b", 41))}, "scheme_over_100"),
        ("2026-08", {"lines": (line("a", 10, "luck"),)}, "kpi_unknown"),
    ],
)
def test_refuses_a_version_that_cannot_be(
    effective_from: str, change: dict[str, object], code: str
) -> None:
    scheme = KpiScheme.start("scheme-1")
    scheme.publish(effective_from="2026-07", parameters=LONG)
    with pytest.raises(Refusal) as refused:
        scheme.publish(effective_from=effective_from, **{"parameters": LONG} | change)
    assert refused.value.code == code
    assert len(scheme.collect_events()) == 2


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        pytest.param({"window_days": 0}, "window_days_invalid", id="a window of no day"),
        pytest.param({"regolive": "never"}, "choice_unknown", id="a choice that is none"),
        pytest.param({"moved_days": 367}, "days_invalid", id="more days than a year"),
    ],
)
def test_refuses_parameters_out_of_their_bounds(stated: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        Parameters(**stated)
    assert refused.value.code == code


def test_lines_that_were_published_are_in_force_and_else_those_of_the_source() -> None:
    lines = (line("1.1", 40), line("3.1", 60, "trial_pass_rate"))
    scheme = KpiScheme.start("scheme-1")
    scheme.publish(effective_from="2026-07", lines=lines)
    scheme.publish(effective_from="2026-08")
    _, first, second = scheme.collect_events()
    assert version_of(first).lines == lines
    assert second.lines is None
    assert version_of(second).lines == CHANNEL_TRAINER


def test_a_version_may_hold_from_a_month_that_is_long_over() -> None:
    scheme = KpiScheme.start("scheme-1")
    scheme.publish(effective_from="2026-07")
    scheme.publish(effective_from="2001-01")
    assert [version.number for version in scheme.scheme.versions] == [1, 2]


def test_head_office_may_set_a_month_that_the_partner_has_set() -> None:
    scheme = KpiScheme.start("scheme-1")
    scheme.publish(effective_from="2026-07")
    scheme.publish(effective_from="2026-07", origin=HEAD_OFFICE, mandatory=True)
    with pytest.raises(Refusal) as refused:
        scheme.publish(effective_from="2026-08")
    assert refused.value == Refusal(
        "scheme_set_by_head_office", effective_from=Month(2026, 8), since=Month(2026, 7)
    )
    scheme.publish(effective_from="2026-06")
    versions = [version_of(event) for event in scheme.collect_events()[1:]]
    assert [(v.number, v.origin, v.mandatory) for v in versions] == [
        (1, "partner", False),
        (2, "head_office", True),
        (3, "partner", False),
    ]
