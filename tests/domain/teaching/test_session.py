"""A class from its plan to its summary: what may follow on what (S10, S31, S33, S34)."""

from datetime import date
from typing import Any

import pytest

from domain.teaching.session import Session
from tests.gwt import Given, fact, given, refused

MAY_17, MAY_18, MAY_20, MAY_22, MAY_24 = (date(2026, 5, day) for day in (17, 18, 20, 22, 24))
TOPICS = ("公司与文化", "产品知识", "销售流程")
PLANNED = fact(
    Session.Planned,
    cohort_id="cohort-1",
    cohort_code="2026年6月第1期",
    code="K-01",
    kind="induction",
    planned_on=MAY_18,
    topics=TOPICS,
)
CHANGED = fact(
    Session.PlanChangeApproved,
    planned_on=MAY_20,
    topics=TOPICS[:2],
    approved_by="hr_manager",
    on=MAY_17,
    reason="讲师出差",
)
OPENED = fact(Session.Opened, on=MAY_18, headcount=18)
CLOSED = fact(Session.Closed, on=MAY_22, topics_taught=TOPICS, headcount=17)
WRITTEN = fact(Session.SummaryWritten, on=MAY_24, text="按计划完成")
CANCELLED = fact(Session.Cancelled, on=MAY_17, reason="人数不足")


def session(*facts: Any) -> Given:
    return given(Session, PLANNED, *facts)


def change(**changed: Any) -> Any:
    return lambda s: s.approve_plan_change(**{**CHANGED.fields, **changed})


def correct_opening(**changed: Any) -> Any:
    stated = {**OPENED.fields, "headcount": 16, "reason": "录错", **changed}
    return lambda s: s.correct_opening(**stated)


def correct_closing(**changed: Any) -> Any:
    stated = {**CLOSED.fields, "headcount": 16, "reason": "录错", **changed}
    return lambda s: s.correct_closing(**stated)


class TestPlanning:
    def test_says_the_day_and_the_topics(self) -> None:
        given(Session).when(lambda kind: kind.plan("session-1", **PLANNED.fields)).then(PLANNED)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [({"kind": "party"}, "session_kind_unknown"), ({"topics": ()}, "topics_missing")],
    )
    def test_refuses_what_is_no_class(self, changed: dict[str, Any], code: str) -> None:
        facts = {**PLANNED.fields, **changed}
        given(Session).when(lambda kind: kind.plan("session-1", **facts)).then(refused(code))


class TestChangeOfPlan:
    def test_is_approved_before_the_class(self) -> None:
        session().when(change()).then(CHANGED)

    def test_is_approved_on_the_opening_day_also_where_it_is_recorded_later(self) -> None:
        session(OPENED).when(change(on=MAY_18)).then(fact(Session.PlanChangeApproved, on=MAY_18))

    def test_is_refused_when_approved_after_the_opening(self) -> None:
        session(OPENED).when(change(on=MAY_20)).then(
            refused("plan_change_after_opening", opened_on=MAY_18, on=MAY_20)
        )

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"topics": ()}, "topics_missing"),
            ({"planned_on": MAY_18, "topics": TOPICS}, "plan_unchanged"),
            ({"reason": "  "}, "reason_missing"),
        ],
    )
    def test_is_refused_without_a_change_or_reason(
        self, changed: dict[str, Any], code: str
    ) -> None:
        session().when(change(**changed)).then(refused(code))

    def test_is_compared_with_the_plan_in_force(self) -> None:
        session(CHANGED).when(change()).then(refused("plan_unchanged"))

    def test_told_late_does_not_undo_what_was_approved_after_it(self) -> None:
        earlier = {"on": date(2026, 5, 16), "planned_on": MAY_22}
        late = fact(Session.PlanChangeApproved, **{**CHANGED.fields, **earlier})
        session(CHANGED, late).when(change()).then(refused("plan_unchanged"))

    def test_refused_of_a_class_that_was_cancelled(self) -> None:
        session(CANCELLED).when(change()).then(refused("session_cancelled", on=MAY_17))


class TestOpening:
    @pytest.mark.parametrize("on", [MAY_17, MAY_18, MAY_22])
    def test_may_be_early_or_late(self, on: date) -> None:
        session().when(lambda s: s.open(on=on, headcount=18)).then(
            fact(Session.Opened, on=on, headcount=18)
        )

    def test_is_refused_when_opened_already(self) -> None:
        session(OPENED).when(lambda s: s.open(on=MAY_20, headcount=18)).then(
            refused("session_already_opened", on=MAY_18)
        )

    def test_refused_after_the_class_was_cancelled(self) -> None:
        session(CANCELLED).when(lambda s: s.open(on=MAY_18, headcount=18)).then(
            refused("session_cancelled")
        )

    def test_counts_nobody_but_not_fewer(self) -> None:
        session().when(lambda s: s.open(on=MAY_18, headcount=0)).then(
            fact(Session.Opened, headcount=0)
        )
        session().when(lambda s: s.open(on=MAY_18, headcount=-1)).then(
            refused("headcount_negative")
        )

    def test_is_corrected_with_a_reason(self) -> None:
        session(OPENED).when(correct_opening(on=MAY_17)).then(
            fact(Session.OpeningCorrected, on=MAY_17, headcount=16, reason="录错")
        )

    @pytest.mark.parametrize(
        ("facts", "changed", "code"),
        [
            ((), {}, "session_not_opened"),
            ((OPENED, CLOSED), {"on": MAY_24}, "session_closes_before_opening"),
            ((OPENED,), {"reason": ""}, "reason_missing"),
            ((OPENED,), {"headcount": 18}, "nothing_corrected"),
            ((OPENED,), {"headcount": -1}, "headcount_negative"),
        ],
    )
    def test_is_not_corrected_without_opening_or_difference(
        self, facts: Any, changed: dict[str, Any], code: str
    ) -> None:
        session(*facts).when(correct_opening(**changed)).then(refused(code))


class TestClosing:
    def test_says_what_was_taught(self) -> None:
        session(OPENED).when(lambda s: s.close(**CLOSED.fields)).then(CLOSED)

    @pytest.mark.parametrize(
        ("facts", "on", "code"),
        [
            ((), MAY_22, "session_not_opened"),
            ((OPENED,), MAY_17, "session_closes_before_opening"),
            ((OPENED, CLOSED), MAY_22, "session_already_closed"),
        ],
    )
    def test_is_refused_before_the_opening_or_twice(self, facts: Any, on: date, code: str) -> None:
        stated = {**CLOSED.fields, "on": on}
        session(*facts).when(lambda s: s.close(**stated)).then(refused(code))

    def test_is_measured_against_the_corrected_opening(self) -> None:
        corrected = fact(Session.OpeningCorrected, on=MAY_24, headcount=18, reason="录错")
        session(OPENED, corrected).when(lambda s: s.close(**CLOSED.fields)).then(
            refused("session_closes_before_opening", opened_on=MAY_24, closed_on=MAY_22)
        )

    def test_is_corrected_with_a_reason(self) -> None:
        session(OPENED, CLOSED).when(correct_closing(topics_taught=TOPICS[:1])).then(
            fact(Session.ClosingCorrected, on=MAY_22, topics_taught=TOPICS[:1], headcount=16)
        )

    @pytest.mark.parametrize(
        ("facts", "changed", "code"),
        [
            ((), {}, "session_not_opened"),
            ((OPENED,), {}, "session_not_closed"),
            ((OPENED, CLOSED), {"on": MAY_17}, "session_closes_before_opening"),
            ((OPENED, CLOSED, WRITTEN), {"on": date(2026, 5, 25)}, "summary_before_closing"),
            ((OPENED, CLOSED), {"reason": ""}, "reason_missing"),
            ((OPENED, CLOSED), {"headcount": 17}, "nothing_corrected"),
        ],
    )
    def test_is_not_corrected_without_closing_or_difference(
        self, facts: Any, changed: dict[str, Any], code: str
    ) -> None:
        session(*facts).when(correct_closing(**changed)).then(refused(code))


class TestSummary:
    def test_is_written_after_the_class(self) -> None:
        session(OPENED, CLOSED).when(lambda s: s.write_summary(**WRITTEN.fields)).then(WRITTEN)

    @pytest.mark.parametrize(
        ("facts", "changed", "code"),
        [
            ((OPENED,), {}, "session_not_closed"),
            ((OPENED, CLOSED), {"on": MAY_20}, "summary_before_closing"),
            ((OPENED, CLOSED), {"text": " "}, "summary_missing"),
            ((OPENED, CLOSED, WRITTEN), {}, "summary_already_written"),
        ],
    )
    def test_is_refused_before_the_closing_or_twice(
        self, facts: Any, changed: dict[str, Any], code: str
    ) -> None:
        stated = {**WRITTEN.fields, **changed}
        session(*facts).when(lambda s: s.write_summary(**stated)).then(refused(code))

    def test_is_corrected_with_a_reason(self) -> None:
        session(OPENED, CLOSED, WRITTEN).when(
            lambda s: s.correct_summary(on=MAY_22, text="按计划完成", reason="日期录错")
        ).then(fact(Session.SummaryCorrected, on=MAY_22, text="按计划完成", reason="日期录错"))

    @pytest.mark.parametrize(
        ("facts", "changed", "code"),
        [
            ((OPENED,), {}, "session_not_closed"),
            ((OPENED, CLOSED), {}, "summary_not_written"),
            ((OPENED, CLOSED, WRITTEN), {"on": MAY_20}, "summary_before_closing"),
            ((OPENED, CLOSED, WRITTEN), {"reason": " "}, "reason_missing"),
            ((OPENED, CLOSED, WRITTEN), {"on": MAY_24}, "nothing_corrected"),
        ],
    )
    def test_is_not_corrected_without_summary_or_difference(
        self, facts: Any, changed: dict[str, Any], code: str
    ) -> None:
        stated = {**WRITTEN.fields, "on": MAY_22, "reason": "日期录错", **changed}
        session(*facts).when(lambda s: s.correct_summary(**stated)).then(refused(code))


class TestCancelling:
    def test_says_the_day_and_the_reason(self) -> None:
        session().when(lambda s: s.cancel(**CANCELLED.fields)).then(CANCELLED)

    @pytest.mark.parametrize(
        ("facts", "reason", "code"),
        [
            ((OPENED,), "人数不足", "session_already_opened"),
            ((CANCELLED,), "人数不足", "session_cancelled"),
            ((), " ", "reason_missing"),
        ],
    )
    def test_is_refused_once_opened_or_cancelled(self, facts: Any, reason: str, code: str) -> None:
        session(*facts).when(lambda s: s.cancel(on=MAY_17, reason=reason)).then(refused(code))
