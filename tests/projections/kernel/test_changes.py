"""What the read models say of people who were moved, held off, eliminated, or came back."""

from datetime import date, timedelta

import pytest

from domain.kernel.values import Month
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.figures.newcomers import list_newcomers
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import TransferTrainee
from tests.histories import START, Step, carry_out, commands, new_partner


async def test_who_was_transferred_is_found_in_every_batch(app: App) -> None:
    principal = await new_partner(app)
    april = START + timedelta(days=31)
    given = [
        *commands([]),
        OpenCohort(code="C3", name="三期", opened_on=START),
        TransferTrainee(employee_no="E0", cohort="B2", on=april, reason="补考"),
        TransferTrainee(employee_no="E0", cohort="C3", on=april, reason="补考"),
        CorrectEnrolment(employee_no="E2", entered_on=date(2025, 2, 1), reason="录入有误"),
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
        roster = await TRAINEE_LIST.get(connection, principal.tenant, employee_no="E0")
        assert roster is not None
        assert roster.cohort_code == "C3"


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([(15, 0, 0)], "held"),
        ([(3, 0, 1), (15, 0, 0)], "held"),
        ([(3, 0, 1), (15, 0, 3)], "live"),
        ([(3, 0, 1), (16, 0, 0)], "eliminated"),
        ([(3, 0, 1), (16, 0, 0), (20, 0, 2)], "live"),
        ([(8, 0, 0), (16, 0, 2)], "in_training"),
    ],
    ids=["held in training", "held", "live again", "eliminated", "not eliminated", "rejoined"],
)
async def test_the_roster_says_where_one_stands(app: App, steps: list[Step], status: str) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, commands(steps))
    await catch_up(app, principal.tenant)
    async with app.db.tenant(principal.tenant) as connection:
        row = await TRAINEE_LIST.get(connection, principal.tenant, employee_no="E0")
        assert row is not None
        assert row.status == status
