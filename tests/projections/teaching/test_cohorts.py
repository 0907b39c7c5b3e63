"""The row of a cohort, from its opening to the withdrawal of one that was opened by mistake."""

from datetime import date

from projections.teaching.cohorts import COHORTS
from tests.batches import batch_corrected, batch_withdrawn
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
