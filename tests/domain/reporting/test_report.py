"""A report is asked for once and has one end."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.values import Ratio
from domain.reporting.report import Report
from tests.gwt import Fact, fact, given, refused

TODAY = date(2026, 7, 5)
REQUESTED = fact(Report.Requested, month="2026-06", happened_by=TODAY)
FILE = {
    "file_id": UUID(int=2),
    "sha256": "0" * 64,
    "pinned_position": 7,
    "scheme_versions": (0,),
    "calendar_version": "cn-2026-2026-0",
}


@pytest.mark.parametrize("month", ["2026-06", "2026-07"])
def test_is_pinned_to_the_day_of_the_request(month: str) -> None:
    given(Report).when(
        lambda kind: kind.request("report-1", month=month, today=TODAY, language="zh-CN")
    ).then(fact(Report.Requested, month=month, happened_by=TODAY, language="zh-CN"))


@pytest.mark.parametrize(
    ("month", "language", "code"),
    [
        ("2026-08", "zh-CN", "month_in_future"),
        ("2026-13", "zh-CN", "month_invalid"),
        ("2026-06", "fr", "language_unknown"),
    ],
)
def test_refuses_what_cannot_be_reported(month: str, language: str, code: str) -> None:
    given(Report).when(
        lambda kind: kind.request("report-1", month=month, today=TODAY, language=language)
    ).then(refused(code))


def test_names_the_file_that_was_rendered() -> None:
    given(Report, REQUESTED).when(lambda report: report.record_rendered(**FILE)).then(
        fact(Report.Rendered, **FILE)
    )


def test_keeps_the_first_file_when_it_is_rendered_twice() -> None:
    second = FILE | {"file_id": UUID(int=3)}
    given(Report, REQUESTED, fact(Report.Rendered, **FILE)).when(
        lambda report: report.record_rendered(**second)
    ).then()


def test_does_not_fail_once_it_is_rendered() -> None:
    given(Report, REQUESTED, fact(Report.Rendered, **FILE)).when(
        lambda report: report.record_rendering_failed("job_failed")
    ).then()


def test_a_failure_recorded_again_changes_nothing() -> None:
    given(Report, REQUESTED, fact(Report.RenderingFailed, code="job_failed")).when(
        lambda report: report.record_rendering_failed("job_failed")
    ).then()


def test_is_rendered_although_it_had_failed() -> None:
    given(Report, REQUESTED, fact(Report.RenderingFailed, code="job_failed")).when(
        lambda report: report.record_rendered(**FILE)
    ).then(fact(Report.Rendered, **FILE))


def test_states_its_figures_once_it_is_rendered() -> None:
    figures = {"order_rate": Ratio(12, 18)}
    rendered = fact(Report.Rendered, **FILE, figures=figures)
    said: list[dict[str, Any]] = []
    given(Report, REQUESTED, rendered).when(lambda report: said.append(report.stated())).then()
    (stated,) = said
    assert (stated["happened_by"], stated["figures"]) == (TODAY, figures)
    assert stated["calendar_version"] == FILE["calendar_version"]
    assert (stated["file_id"], stated["pinned_position"]) == (FILE["file_id"], 7)


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ((REQUESTED,), "report_not_rendered"),
        (
            (REQUESTED, fact(Report.RenderingFailed, code="job_failed")),
            "report_not_rendered",
        ),
        ((REQUESTED, fact(Report.Rendered, **FILE, figures=None)), "report_without_figures"),
    ],
)
def test_states_nothing_without_a_file_or_its_figures(history: tuple[Fact, ...], code: str) -> None:
    given(Report, *history).when(lambda report: report.stated()).then(refused(code))
