"""What the tests of the commands share."""

import pytest

from infra.bootstrap import App
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import EnrolTrainee
from tests.services.office import MAY_18, Office


@pytest.fixture
async def office(app: App, manager: Principal) -> Office:
    office = Office(app, manager)
    await office(
        OpenCohort("2026-06-1", "六月第1期", MAY_18),
        EnrolTrainee("2026-06-1", "HZ001", "王小明", MAY_18),
    )
    return office
