"""What was submitted stays; what becomes of it is told, acknowledged, and submitted again."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.aggregate import UNRECORDED
from domain.kernel.values import Month, Ratio
from domain.kpi.proof.restatement import Cause, Restatement
from domain.reporting.report import Report
from domain.reporting.submission import Submission
from tests.gwt import Fact, fact, given, refused


def report(
    report_id: str = "report-1",
    month: str = "2026-06",
    position: int = 7,
    file: int = 2,
    rate: Ratio = Ratio(12, 18),  # noqa: B008 - frozen
    went_live: int = 0,
) -> Report:
    made = Report.request(report_id, month=month, today=date(2026, 7, 5), language="en")
    made.record_rendered(
        file_id=UUID(int=file),
        sha256="0" * 64,
        pinned_position=position,
        scheme_versions=(0,),
        calendar_version="cn-2026-2026-0",
        figures={"order_rate": rate},
        went_live=went_live,
    )
    return made


FIRST = report()
NEWER = report("report-2", position=20, file=3)
FIGURES = {
    "happened_by": date(2026, 7, 5),
    "scheme_versions": (0,),
    "calendar_version": "cn-2026-2026-0",
    "sha256": "0" * 64,
    "figures": {"order_rate": Ratio(12, 18)},
}
CHANGED = Restatement(
    "order_rate",
    Ratio(12, 18),
    Ratio(13, 18),
    (Cause(9, "trainee.order_closed", "trainee-15", 1, 0),),
)


def submitted() -> Fact:
    of_report = {"report_id": "report-1", "pinned_position": 7, "file_id": UUID(int=2)}
    of_month = {"month": "2026-06", "kind": "newcomer_figures"}
    return fact(Submission.Submitted, **of_month, **of_report, **FIGURES)


def again(vintage: int) -> Fact:
    of_report = {"report_id": "report-2", "pinned_position": 20, "file_id": UUID(int=3)}
    return fact(Submission.SubmittedAgain, vintage=vintage, **of_report, **FIGURES)


def told(until: int, vintage: int = 1) -> Fact:
    return fact(Submission.Restated, vintage=vintage, until=until, restatements=(CHANGED,))


def noted(until: int, vintage: int = 1) -> Fact:
    return fact(Submission.RestatementAcknowledged, vintage=vintage, until=until, note="已核对")


def restate(until: int, vintage: int = 1) -> Any:
    return lambda submission: submission.record_restatement(
        vintage=vintage, until=until, restatements=(CHANGED,)
    )


def test_pins_what_the_report_states_and_the_calendar() -> None:
    given(Submission).when(lambda kind: kind.submit("submission-1", FIRST)).then(submitted())


def test_a_month_of_nobody_is_not_submitted_but_where_it_once_held_somebody_it_is_again() -> None:
    nobody = report("report-2", position=20, file=3, rate=Ratio(0, 0))
    given(Submission).when(lambda kind: kind.submit("submission-1", nobody)).then(
        refused("report_of_nobody")
    )
    kind, fields = again(2)
    emptied = fact(kind, **fields | {"figures": {"order_rate": Ratio(0, 0)}})
    given(Submission, submitted(), told(10), noted(10)).when(
        lambda submission: submission.submit_again(nobody)
    ).then(emptied)


def test_a_month_is_submitted_in_which_none_of_those_who_went_live_counts_any_more() -> None:
    gone = report(rate=Ratio(0, 0), went_live=2)
    submission = Submission.submit("submission-1", gone)
    assert submission.month == Month(2026, 6)


def test_tells_what_touched_it_once_for_every_stretch() -> None:
    given(Submission, submitted()).when(restate(10)).then(told(10))
    given(Submission, submitted(), told(10)).when(restate(10)).then()
    given(Submission, submitted(), told(10)).when(restate(12)).then(told(12))


def test_is_acknowledged_up_to_where_it_was_told() -> None:
    given(Submission, submitted(), told(10), told(12)).when(
        lambda submission: submission.acknowledge(note="已核对")
    ).then(noted(12))


def test_an_acknowledgement_answers_the_restatements_of_its_vintage_alone() -> None:
    def event(one: Fact) -> Any:
        envelope = {"originator_id": "submission-1", "originator_version": 2}
        return one.kind(**envelope, timestamp=UNRECORDED, **one.fields)

    answer = event(noted(12))
    assert answer.amends(event(told(12)))
    assert not answer.amends(event(told(12, vintage=2)))
    assert not answer.amends(event(noted(10)))


@pytest.mark.parametrize(
    ("history", "note", "code"),
    [
        ((submitted(),), "已核对", "nothing_restated"),
        ((submitted(), told(10), noted(10)), "已核对", "nothing_restated"),
        ((submitted(), told(10)), " ", "note_missing"),
    ],
)
def test_refuses_to_acknowledge_what_was_not_told_or_without_a_note(
    history: tuple[Fact, ...], note: str, code: str
) -> None:
    given(Submission, *history).when(lambda submission: submission.acknowledge(note=note)).then(
        refused(code)
    )


def test_is_submitted_again_as_the_next_vintage() -> None:
    given(Submission, submitted(), told(10), noted(10)).when(
        lambda submission: submission.submit_again(NEWER)
    ).then(again(2))
    given(Submission, submitted()).when(lambda submission: submission.submit_again(NEWER)).then(
        again(2)
    )


@pytest.mark.parametrize(
    ("history", "newer", "code"),
    [
        ((submitted(), told(10)), NEWER, "restatement_open"),
        ((submitted(),), report("report-2", "2026-05", position=20), "report_of_other_month"),
        ((submitted(),), FIRST, "report_not_newer"),
        ((submitted(), told(20), noted(20)), NEWER, "report_not_newer"),
        ((submitted(), again(2)), NEWER, "report_not_newer"),
    ],
    ids=["restatement_open", "other_month", "same_report", "told_since", "submitted_since"],
)
def test_refuses_to_submit_again_what_does_not_follow(
    history: tuple[Fact, ...], newer: Report, code: str
) -> None:
    given(Submission, *history).when(lambda submission: submission.submit_again(newer)).then(
        refused(code)
    )


def test_what_touched_an_earlier_vintage_before_the_next_leaves_nothing_open() -> None:
    history = (submitted(), again(2))
    given(Submission, *history).when(restate(19, vintage=1)).then(told(19, vintage=1))
    given(Submission, *history, told(19, vintage=1)).when(
        lambda submission: submission.acknowledge(note="已核对")
    ).then(refused("nothing_restated"))
    given(Submission, *history).when(restate(30, vintage=2)).then(told(30, vintage=2))


def test_a_vintage_that_was_never_submitted_is_not_restated() -> None:
    given(Submission, submitted()).when(restate(30, vintage=2)).then(refused("vintage_unknown"))
