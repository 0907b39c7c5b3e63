"""The withdrawal of a cohort that was opened by mistake, against what other streams say of it."""

import asyncio
from datetime import date

import pytest

from domain.kernel.errors import Refusal
from domain.teaching.cohort import Cohort
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import COHORTS, WithdrawCohortOpening
from services.trainees.trainee import EnrolTrainee
from tests import situation as s
from tests.batches import batch_withdrawn, handover_withdrawn
from tests.carrying import record
from tests.steps import Step

ON = date(2026, 6, 1)


@pytest.fixture
async def opened(app: App, manager: Principal) -> None:
    await record(app, manager, s.batch_opened("A1", on=ON), s.batch_opened("A2", on=ON))


async def refused(app: App, manager: Principal, code: str = "A1") -> str | None:
    """The code of the refusal of a cohort's withdrawal; None where it is withdrawn."""
    try:
        await record(app, manager, batch_withdrawn(code))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([s.enrolled("E1", cohort="A1", on=ON)], "cohort_has_trainees"),
        (
            [s.enrolled("E1", cohort="A2", on=ON), s.transferred("E1", to="A1", on=ON)],
            "cohort_has_trainees",
        ),
        (
            [s.enrolled("E1", cohort="A1", on=ON), s.transferred("E1", to="A2", on=ON)],
            "cohort_has_trainees",
        ),
        ([s.class_planned("K1", cohort="A1", on=ON)], "cohort_has_classes"),
        ([s.batch_handed_over("A1", to="李经理", on=ON)], "cohort_handed_over"),
    ],
    ids=["enrolled", "moved_there", "moved_away", "class", "handed_over"],
)
async def test_stays_while_anything_rests_on_it(
    app: App, manager: Principal, opened: None, steps: list[Step], code: str
) -> None:
    await record(app, manager, *steps)
    assert await refused(app, manager) == code
    assert await refused(app, manager, "A0") == "cohort_unknown"


async def test_says_how_many_are_in_it_whom_nothing_withdrew(
    app: App, manager: Principal, opened: None
) -> None:
    entered = [s.enrolled(one, cohort="A1", on=ON) for one in ("E1", "E2", "E3")]
    await record(app, manager, *entered, s.withdrawn("E1", 1))
    with pytest.raises(Refusal) as refused:
        await record(app, manager, batch_withdrawn("A1"))
    assert refused.value.params == {"code": "A1", "count": 2, "employee_no": "E2"}


async def test_goes_once_all_that_rested_on_it_is_withdrawn_and_frees_its_code(
    app: App, manager: Principal, opened: None
) -> None:
    await record(
        app,
        manager,
        s.enrolled("E1", cohort="A1", on=ON),
        s.enrolled("E2", cohort="A2", on=ON),
        s.transferred("E2", to="A1", on=ON),
        s.batch_handed_over("A1", to="李经理", on=ON),
        s.withdrawn("E1", 1),
        s.withdrawn("E2", 2),
        handover_withdrawn("A1", was_on=ON),
    )
    assert await refused(app, manager) is None
    assert await refused(app, manager) == "cohort_unknown"
    again = await record(app, manager, s.batch_opened("a 1", on=ON))
    assert await refused(app, manager) is None
    assert again.events == 1


async def test_nobody_is_in_a_cohort_that_is_withdrawn_at_the_same_time(
    app: App, manager: Principal
) -> None:
    for number in range(12):
        code = f"B{number}"
        await record(app, manager, s.batch_opened(code, on=ON))
        commands = (
            EnrolTrainee(cohort=code, employee_no=f"E{number}", name="王芳", entered_on=ON),
            WithdrawCohortOpening(cohort=code, reason="误开"),
        )
        done = await asyncio.gather(
            *(execute(app.context(manager), one) for one in commands), return_exceptions=True
        )
        failed = [one for one in done if isinstance(one, BaseException)]
        (lost,) = failed
        assert isinstance(lost, Refusal)
        assert lost.code in ("cohort_unknown", "cohort_has_trainees")
        owner = await app.log.owner(manager.tenant, COHORTS.claim_kind, code)
        assert (owner is None) == (lost.code == "cohort_unknown")
        if owner is not None:
            cohort = await app.log.aggregate(manager.tenant, owner)
            assert isinstance(cohort, Cohort) and not cohort.is_withdrawn
