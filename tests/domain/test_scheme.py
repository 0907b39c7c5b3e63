"""Publishing versions of the KPI scheme."""

import pytest

from domain.errors import Refusal
from domain.kpi import scheme as rules
from domain.kpi.scheme import Parameters, Version
from domain.scheme import Scheme, version_of
from domain.values import Month

LONG = Parameters(window_days=120, kpi_month="window_close")


def fields(parameters: Parameters) -> dict[str, object]:
    return {name: getattr(parameters, name) for name in Parameters.__struct_fields__}


def test_what_was_published_is_what_scores() -> None:
    scheme = Scheme.start("scheme-1")
    scheme.publish(effective_from="2026-07", **fields(LONG))
    scheme.publish(effective_from="2026-01", **fields(Parameters()))
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
        ("2026-08", {"window_days": 0}, "window_days_invalid"),
        ("2026-08", {"regolive": "never"}, "choice_unknown"),
    ],
)
def test_refuses_a_version_that_cannot_be(
    effective_from: str, change: dict[str, object], code: str
) -> None:
    scheme = Scheme.start("scheme-1")
    scheme.publish(effective_from="2026-07", **fields(LONG))
    with pytest.raises(Refusal) as refused:
        scheme.publish(effective_from=effective_from, **fields(LONG) | change)
    assert refused.value.code == code
    assert len(scheme.collect_events()) == 2
