"""The name under which a report is sent (G18)."""

from datetime import date

import pytest

from domain.kernel.errors import Refusal
from domain.reporting.report_name import Sent, report_name


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("daily", "日报-杜玉璇-070718"),
        ("weekly", "周报-杜玉璇-070718"),
        ("monthly", "月报-杜玉璇-070718"),
    ],
)
def test_names_the_report_the_sender_and_the_day(report: Sent, expected: str) -> None:
    assert report_name(report, "杜玉璇", date(2007, 7, 18)) == expected


def test_a_name_brings_no_line_of_its_own_into_a_header() -> None:
    assert report_name("daily", " 杜\r\nBcc: 玉璇 ", date(2026, 1, 2)) == "日报-杜 Bcc: 玉璇-260102"


def test_a_missing_name_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        report_name("daily", " ", date(2026, 1, 2))
    assert refused.value.code == "name_missing"
