"""What the read models say of people who were moved, held off, eliminated, or came back."""

from datetime import date, timedelta

import pytest

from domain.kernel.values import Month
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.figures.newcomers import list_newcomers
from projections.trainees.cohort_roster import ROSTER, STAYS, TRAINEE_LIST
from tests.carrying import carry_out, new_partner
from tests.gwt import Rows, given, row
from tests.situation import (
    BEGINNING,
    START,
    batch_opened,
    eliminated,
    enrolment_corrected,
    held_off,
    left,
    march,
    passed_gate,
    rejoined,
    transferred,
    went_live,
    withdrawn,
)
from tests.steps import Step


async def test_who_was_transferred_is_found_in_every_batch(app: App) -> None:
    principal = await new_partner(app)
    april = START + timedelta(days=31)
    given = [
        *BEGINNING,
        batch_opened("C3", name="三期"),
        transferred("E0", to="B2", on=april),
        transferred("E0", to="C3", on=april),
        enrolment_corrected("E2", on=date(2025, 2, 1)),
    ]
    assert await carry_out(app, principal, given) == len(given)
    await catch_up(app, principal.tenant)
    async with app.db.tenant(principal.tenant) as connection:

        async def found(cohort: str | None, month: Month | None = None) -> list[str]:
            listed = await list_newcomers(connection, cohort=cohort, month=month)
            return sorted(newcomer.employee_no for newcomer in listed)

        assert await found("A1") == ["E0", "E2"]
        assert await found("B2") == ["E0", "E1"]
        assert await found("C3") == ["E0"]
        assert await found(None, Month(2025, 2)) == ["E0", "E2"]
        assert await found("C3", Month(2025, 3)) == ["E0"]
        assert await found("C3", Month(2024, 3)) == []
        roster = await TRAINEE_LIST.get(connection, employee_no="E0")
        assert roster is not None
        assert roster.cohort_code == "C3"


def stays(*happened: Step) -> Rows:
    """The rows of stays that the roster makes."""
    return Rows([*STAYS.by_key(given(ROSTER, *happened).rows).values()])


GONE_LIVE = (passed_gate("E0", on=march(2)), went_live("E0", on=march(2)))
HELD = held_off("E0", on=march(3))
ELIMINATED = eliminated("E0", on=march(3))


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([HELD], "held"),
        ([*GONE_LIVE, HELD], "held"),
        ([*GONE_LIVE, HELD, went_live("E0", on=march(3))], "live"),
        ([*GONE_LIVE, ELIMINATED], "eliminated"),
        ([*GONE_LIVE, ELIMINATED, withdrawn("E0", 5)], "live"),
    ],
    ids=["held in training", "held", "live again", "eliminated", "not eliminated"],
)
def test_the_roster_says_where_one_stands(steps: list[Step], status: str) -> None:
    stays(*BEGINNING, *steps).of(employee_no="E0").then(row(status=status))


async def test_the_roster_finds_who_came_back_as_the_new_one(app: App) -> None:
    principal = await new_partner(app)
    life = [left("E0", on=march(2)), rejoined("E0", on=march(3), manager="王主管")]
    stays(*BEGINNING, *life).of(employee_no="E0").then(
        row(status="left"), row(status="in_training")
    )
    await carry_out(app, principal, [*BEGINNING, *life])
    await catch_up(app, principal.tenant)
    async with app.db.tenant(principal.tenant) as connection:
        found = await TRAINEE_LIST.get(connection, employee_no="E0")
        assert found is not None
        assert found.status == "in_training"
