"""The row of a cohort, from its opening to the withdrawal of one that was opened by mistake."""

from datetime import date

from domain.teaching.cohort import Cohort
from projections.teaching.cohorts import COHORTS, CohortRow, answering_by, evolve
from services.reading.moment import Question
from tests.batches import batch_corrected, batch_withdrawn
from tests.carrying import envelope
from tests.gwt import given, row
from tests.situation import batch_opened

ON = date(2026, 6, 1)


def test_a_cohort_that_was_opened_by_mistake_has_no_row() -> None:
    opened = (batch_opened("A1", on=ON, name="误开"), batch_opened("A2", on=ON, name="一期"))
    given(COHORTS, *opened, batch_corrected("A1", on=ON, name="又误"), batch_withdrawn("A1")).then(
        row(code="A2")
    )


def test_the_same_code_is_another_cohort_after_the_withdrawal() -> None:
    given(
        COHORTS,
        batch_opened("A1", on=ON, name="误开"),
        batch_withdrawn("A1"),
        batch_opened("A1", on=ON, name="一期"),
    ).then(row(code="A1", name="一期"))


def test_a_training_manager_is_one_group_in_whatever_spelling_the_events_have_it() -> None:
    batch = Cohort.open(
        "cohort-1",
        code="A1",
        name="一期",
        opened_on=ON,
        trial_required=False,
        training_manager="周　敏",
    )
    batch.hand_over(on=date(2026, 6, 10), training_manager="李　明")
    found: CohortRow | None = None
    for position, event in enumerate(batch.collect_events(), start=1):
        found = evolve(found, envelope(event, position))
        assert found is not None
        assert found.training_manager == answering_by(found, date.max).training_manager
    assert found is not None
    for day, spelt in ((ON, "周　敏"), (date(2026, 6, 10), "李明\u200b")):
        asked = Question(day, day, training_manager=spelt, manager=spelt).group(None)
        answers = answering_by(found, day).training_manager
        assert (asked.training_manager, asked.manager) == (answers, answers)
