"""The row of a cohort, from its opening to the withdrawal of one that was opened by mistake."""

from datetime import date

from projections.people.joinings import JOININGS, joined_of
from projections.people.people import PEOPLE
from projections.teaching.cohorts import COHORTS, handovers_of
from tests.batches import batch_corrected, batch_withdrawn
from tests.carrying import recorded
from tests.gwt import given, row, rows_after
from tests.situation import batch_handed_over, batch_opened
from tests.staff import joined, parted, registered, renamed
from tests.steps import Step

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


def test_who_answers_for_a_batch_has_one_name_in_whatever_spelling_and_from_a_renaming_on() -> None:
    history = (
        registered("M1", name="周 敏"),
        batch_opened("A1", on=ON, training_manager="周　敏"),
        batch_handed_over("A1", to="李明", on=date(2026, 6, 10)),
        batch_opened("A2", on=ON, training_manager="李明\u200b"),
        batch_opened("A3", on=ON, training_manager="李名"),
        registered("M2", name="黎明"),
    )
    assert _answering(history) == {"A1": ["周敏", "李明"], "A2": ["李明"], "A3": ["李名"]}
    named = renamed("M1", to="周敏之", on=date(2026, 6, 20))
    into = batch_handed_over("A3", to="M1", on=date(2026, 6, 20))
    assert _answering((*history, named, into)) == {
        "A1": ["周敏之", "李明"],
        "A2": ["李明"],
        "A3": ["李名", "周敏之"],
    }


def test_two_spellings_that_were_joined_are_one_training_manager() -> None:
    history = (
        registered("M1", name="李明"),
        registered("M2", name="李名"),
        batch_opened("A1", on=ON, training_manager="李名"),
        joined("M2", into="M1"),
        batch_opened("A2", on=ON, training_manager="李名"),
    )
    assert _answering(history) == {"A1": ["李明"], "A2": ["李明"]}
    assert _answering((*history, parted("M2"))) == {"A1": ["李名"], "A2": ["李明"]}


def _answering(history: tuple[Step, ...]) -> dict[str, list[str]]:
    """The names of those who answered for each batch, one after another."""
    log = recorded(history)
    found = handovers_of(rows_after(log, COHORTS), joined_of(rows_after(log, JOININGS)))
    names = {row.person_id: row.name for row in rows_after(log, PEOPLE)}
    return {code: [names[str(one.training_manager)] for one in its] for code, its in found.items()}
