"""What of a trainee is said by the stays is not said by the registration."""

from datetime import date
from typing import Any

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.whose import own_stream
from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.roles import in_role
from services.people.person import CorrectRegistration
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once, in_memory
from tests.situation import batch_opened, enrolled
from tests.staff import registered


@pytest.fixture
def log() -> MemoryLog:
    return in_memory([registered("M1", name="钱主管"), batch_opened("A1"), enrolled("E1")])


def correct(log: MemoryLog, **said: Any) -> None:
    person_id = own_stream(log.recorded[-1].event.originator_id)
    context = Context(in_role(TENANT, "user-1", Role.HR_MANAGER), log, RECORDED)
    at_once(execute(context, CorrectRegistration(person_id, "登记有误", **said)))


@pytest.mark.parametrize("field", ["since", "post", "department", "manager_id"])
def test_a_correction_gives_a_trainee_none_of_what_staff_have(log: MemoryLog, field: str) -> None:
    manager_id, before = log.recorded[0].event.originator_id, len(log.recorded)
    said = {
        "since": date(2026, 3, 1),
        "post": "lecturer",
        "department": "xs",
        "manager_id": manager_id,
    }
    with pytest.raises(Refusal, match="trainee_not_staff"):
        correct(log, **{field: said[field]})
    assert len(log.recorded) == before


def test_a_correction_says_who_a_trainee_is(log: MemoryLog) -> None:
    before = len(log.recorded)
    correct(log, name="王依依")
    assert len(log.recorded) == before + 1
