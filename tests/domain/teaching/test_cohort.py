"""A batch is opened with its rules, and one training manager answers for it at a time (S14)."""

from datetime import date
from typing import Any

import pytest

from domain.teaching.cohort import Cohort
from tests.gwt import fact, given, refused

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)
FACTS = {"code": "2026-06-1", "name": "六月第1期", "opened_on": JUNE_1}
OPENED = fact(Cohort.Opened, **FACTS, training_manager_id="person-1")


def handed_over(on: date, training_manager_id: str) -> object:
    return fact(Cohort.HandedOver, on=on, training_manager_id=training_manager_id)


@pytest.mark.parametrize("trial_required", [True, False])
def test_opens_with_its_rule_about_the_trial(trial_required: bool) -> None:
    given(Cohort).when(
        lambda kind: kind.open("cohort-1", **FACTS, trial_required=trial_required)
    ).then(fact(Cohort.Opened, **FACTS, trial_required=trial_required, training_manager_id=None))


def test_opens_under_a_training_manager() -> None:
    given(Cohort).when(
        lambda kind: kind.open(
            "cohort-1", **FACTS, trial_required=False, training_manager_id="person-1"
        )
    ).then(OPENED)


@pytest.mark.parametrize("on", [JUNE_1, JUNE_20])
def test_is_handed_over_from_its_opening_day_on(on: date) -> None:
    given(Cohort, OPENED).when(lambda c: c.hand_over(on=on, training_manager_id="person-2")).then(
        fact(Cohort.HandedOver, on=on, training_manager_id="person-2")
    )


def test_is_not_handed_over_before_its_opening() -> None:
    given(Cohort, OPENED).when(
        lambda c: c.hand_over(on=date(2026, 5, 31), training_manager_id="person-2")
    ).then(refused("handover_before_opening", opened_on=JUNE_1))


def test_is_not_handed_over_to_whoever_has_it() -> None:
    given(Cohort, OPENED).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager_id="person-1")
    ).then(refused("handover_changes_nothing"))


def test_a_handover_told_late_is_compared_with_its_own_day() -> None:
    later = handed_over(JUNE_20, "person-2")
    given(Cohort, OPENED, later).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager_id="person-2")
    ).then(fact(Cohort.HandedOver, on=JUNE_10, training_manager_id="person-2"))
    given(Cohort, OPENED, later).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager_id="person-1")
    ).then(refused("handover_changes_nothing"))


def test_of_one_days_handovers_the_one_recorded_last_holds() -> None:
    both = handed_over(JUNE_10, "person-2"), handed_over(JUNE_10, "person-3")
    given(Cohort, OPENED, *both).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager_id="person-3")
    ).then(refused("handover_changes_nothing"))


def corrected(**changed: Any) -> Any:
    """A correction of the opening; None: it stays."""
    said = dict.fromkeys(("name", "opened_on", "trial_required", "training_manager_id"))
    return lambda c: c.correct_opening(**said | {"reason": "录错"} | changed)


STANDS: dict[str, Any] = {
    "name": "六月第1期",
    "opened_on": JUNE_1,
    "trial_required": False,
    "training_manager_id": "person-1",
}


class TestOpeningCorrected:
    @pytest.mark.parametrize(
        ("changed", "now"),
        [
            ({"name": "六月一期"}, {"name": "六月一期"}),
            ({"opened_on": JUNE_10}, {"opened_on": JUNE_10}),
            ({"trial_required": True}, {"trial_required": True}),
            ({"training_manager_id": "person-2"}, {"training_manager_id": "person-2"}),
            ({"training_manager_id": ""}, {"training_manager_id": None}),
        ],
        ids=["name", "day", "rule", "manager", "no_manager"],
    )
    def test_says_what_is_given_otherwise_and_leaves_the_rest(
        self, changed: dict[str, Any], now: dict[str, Any]
    ) -> None:
        said = fact(Cohort.OpeningCorrected, **STANDS | now, fact=1, reason="录错")
        given(Cohort, OPENED).when(corrected(**changed)).then(said)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({}, "nothing_to_correct"),
            ({"name": "六月第1期", "trial_required": False}, "nothing_to_correct"),
            ({"name": "　"}, "name_missing"),
            ({"opened_on": JUNE_20, "reason": " "}, "reason_missing"),
        ],
        ids=["nothing", "the_same", "no_name", "no_reason"],
    )
    def test_is_refused_where_nothing_or_no_reason_is_said(
        self, changed: dict[str, Any], code: str
    ) -> None:
        given(Cohort, OPENED).when(corrected(**changed)).then(refused(code))

    def test_is_refused_with_a_day_behind_a_handover(self) -> None:
        both = handed_over(JUNE_20, "person-2"), handed_over(JUNE_10, "person-3")
        given(Cohort, OPENED, *both).when(corrected(opened_on=date(2026, 6, 11))).then(
            refused("handover_before_opening", on=JUNE_10)
        )
        given(Cohort, OPENED, *both).when(corrected(opened_on=JUNE_10)).then(
            fact(
                Cohort.OpeningCorrected,
                **STANDS | {"opened_on": JUNE_10},
                fact=1,
                reason="录错",
            )
        )

    def test_rules_what_is_recorded_after_it(self) -> None:
        opening = fact(
            Cohort.OpeningCorrected,
            **STANDS | {"opened_on": JUNE_10, "training_manager_id": "person-2"},
            fact=1,
            reason="录错",
        )
        for day, code in [
            (JUNE_1, "handover_before_opening"),
            (JUNE_10, "handover_changes_nothing"),
        ]:
            given(Cohort, OPENED, opening).when(
                lambda c, day=day: c.hand_over(on=day, training_manager_id="person-2")
            ).then(refused(code))


def handover_corrected(**said: Any) -> Any:
    stated = {"on": JUNE_10, "training_manager_id": "person-2", "was_on": JUNE_10, "reason": "录错"}
    return lambda c: c.correct_handover(**{"fact": None} | stated | said)


class TestHandoverCorrected:
    HANDED = handed_over(JUNE_10, "person-2"), handed_over(JUNE_20, "person-3")

    @pytest.mark.parametrize(
        "which", [{"fact": 2, "was_on": None}, {"was_on": JUNE_10}], ids=["id", "day"]
    )
    def test_takes_the_place_of_the_one_that_is_meant(self, which: dict[str, Any]) -> None:
        given(Cohort, OPENED, *self.HANDED).when(
            handover_corrected(on=JUNE_1, training_manager_id="person-4", **which)
        ).then(
            fact(
                Cohort.HandoverCorrected,
                on=JUNE_1,
                training_manager_id="person-4",
                fact=2,
                reason="录错",
            )
        )

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({}, "nothing_to_correct"),
            ({"training_manager_id": "person-1"}, "handover_changes_nothing"),
            ({"on": date(2026, 5, 31)}, "handover_before_opening"),
            ({"was_on": JUNE_1}, "handover_unknown"),
            ({"was_on": None, "fact": 1}, "handover_unknown"),
            ({"was_on": None}, "fact_missing"),
            ({"on": JUNE_1, "reason": ""}, "reason_missing"),
        ],
        ids=[
            "the_same",
            "to_who_had_it",
            "too_early",
            "no_such_day",
            "the_opening",
            "which",
            "why",
        ],
    )
    def test_is_refused_where_it_cannot_have_been_or_is_not_there(
        self, said: dict[str, Any], code: str
    ) -> None:
        given(Cohort, OPENED, *self.HANDED).when(handover_corrected(**said)).then(refused(code))


class TestOpeningWithdrawn:
    WITHDRAWN = fact(Cohort.OpeningWithdrawn, fact=1, was_on=JUNE_1, reason="误开")

    def test_is_withdrawn_with_what_was_corrected_of_it(self) -> None:
        opening = fact(
            Cohort.OpeningCorrected, **STANDS | {"opened_on": JUNE_10}, fact=1, reason="录错"
        )
        moved = fact(Cohort.OpeningWithdrawn, fact=1, was_on=JUNE_10, reason="误开")
        for recorded, withdrawn in (((OPENED,), self.WITHDRAWN), ((OPENED, opening), moved)):
            given(Cohort, *recorded).when(lambda c: c.withdraw_opening(reason="误开")).then(
                withdrawn
            )

    def test_is_told_of_the_batch(self) -> None:
        cohort = Cohort.open("cohort-1", **FACTS)
        assert not cohort.is_withdrawn
        cohort.withdraw_opening(reason="误开")
        assert cohort.is_withdrawn

    def test_needs_a_reason_that_is_said(self) -> None:
        given(Cohort, OPENED).when(lambda c: c.withdraw_opening(reason=" ")).then(
            refused("reason_missing")
        )

    def test_comes_after_the_withdrawal_of_its_handovers(self) -> None:
        given(Cohort, OPENED, handed_over(JUNE_10, "person-2")).when(
            lambda c: c.withdraw_opening(reason="误开")
        ).then(refused("cohort_handed_over"))


class TestHandoverWithdrawn:
    WITHDRAWN = fact(Cohort.HandoverWithdrawn, fact=2, was_on=JUNE_10, reason="录错批次")
    HANDED = handed_over(JUNE_10, "person-2")

    def test_is_found_by_its_day(self) -> None:
        given(Cohort, OPENED, self.HANDED).when(
            lambda c: c.withdraw_handover(fact=None, was_on=JUNE_10, reason="录错批次")
        ).then(self.WITHDRAWN)

    def test_is_not_withdrawn_a_second_time(self) -> None:
        given(Cohort, OPENED, self.HANDED, self.WITHDRAWN).when(
            lambda c: c.withdraw_handover(fact=2, was_on=None, reason="录错批次")
        ).then(refused("handover_unknown"))

    def test_leaves_whoever_answered_before(self) -> None:
        given(Cohort, OPENED, self.HANDED, self.WITHDRAWN).when(
            lambda c: c.hand_over(on=JUNE_20, training_manager_id="person-1")
        ).then(refused("handover_changes_nothing"))
