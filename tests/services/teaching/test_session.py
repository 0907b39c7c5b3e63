"""The commands about classes: their codes, who approves a change of plan, what may not be said."""

from datetime import date

import msgspec
import pytest

from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from infra.bootstrap import App
from services.execute import Done, execute
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.teaching.cohort import HandOverCohort, OpenCohort
from services.teaching.session import (
    ApprovePlanChange,
    CancelSession,
    CloseSession,
    CorrectClosing,
    CorrectOpening,
    CorrectSummary,
    OpenSession,
    PlanSession,
    WriteSummary,
)

MAY_18, MAY_20, MAY_22, MAY_24 = (date(2026, 5, day) for day in (18, 20, 22, 24))
PLAN = PlanSession("2026-06-1", "K-01", MAY_18, ["公司与文化", " 产品知识 ", "产品知识", ""])
CHANGE = ApprovePlanChange("K-01", MAY_20, ["产品知识"], MAY_18, "讲师出差")
FUTURE = date(2062, 1, 1)


class Office:
    """A partner's training manager at work."""

    def __init__(self, app: App, principal: Principal) -> None:
        self.app, self.principal = app, principal

    def as_role(self, role: Role) -> "Office":
        return Office(self.app, in_role(self.principal.tenant, self.principal.actor, role))

    async def __call__(self, *commands: msgspec.Struct) -> Done:
        for command in commands:
            done = await execute(self.app.context(self.principal), command)
        return done

    async def refused(self, command: msgspec.Struct) -> str:
        before = await self.app.log.position(self.principal.tenant)
        with pytest.raises(Refusal) as caught:
            await self(command)
        assert await self.app.log.position(self.principal.tenant) == before
        return caught.value.code

    async def events(self, done: Done) -> list[object]:
        return list(await self.app.log.load(self.principal.tenant, done.stream_id))


@pytest.fixture
async def office(app: App, manager: Principal) -> Office:
    office = Office(app, manager)
    await office(OpenCohort("2026-06-1", "六月第1期", MAY_18, training_manager=" 陈 经理 "), PLAN)
    return office


async def test_a_class_goes_from_its_plan_to_its_summary(office: Office) -> None:
    await office.as_role(Role.HR_MANAGER)(CHANGE)
    done = await office(
        OpenSession("k-01", MAY_18, 18),
        CorrectOpening("K-01", MAY_20, 18, "日期录错"),
        CloseSession("K-01", MAY_22, ["产品知识"], 17),
        CorrectClosing("K-01", MAY_22, ["产品知识"], 16, "人数录错"),
        WriteSummary("Ｋ-01", MAY_24, " 按计划完成。 "),
        CorrectSummary("K-01", MAY_22, "按计划完成。", "日期录错"),
    )
    planned, changed, *_, written, corrected = await office.events(done)
    assert isinstance(planned, Session.Planned)
    assert (planned.cohort_code, planned.topics) == ("2026-06-1", ("公司与文化", "产品知识"))
    assert isinstance(changed, Session.PlanChangeApproved)
    assert changed.approved_by == "hr_manager"
    assert isinstance(written, Session.SummaryWritten)
    assert written.text == "按计划完成。"
    assert isinstance(corrected, Session.SummaryCorrected)
    assert corrected.on == MAY_22


@pytest.mark.parametrize("role", [Role.HR_MANAGER, Role.GENERAL_MANAGER, Role.OPERATOR])
async def test_a_change_of_plan_is_approved_by_those_above(office: Office, role: Role) -> None:
    done = await office.as_role(role)(CHANGE)
    _, changed = await office.events(done)
    assert isinstance(changed, Session.PlanChangeApproved)
    assert changed.approved_by == role


@pytest.mark.parametrize(
    "role", [Role.TRAINING_MANAGER, Role.TRAINING_SPECIALIST, Role.HEAD_TEACHER, Role.INTEGRATION]
)
async def test_nobody_approves_their_own_change_of_plan(office: Office, role: Role) -> None:
    with pytest.raises(PermissionRefusedError):
        await office.as_role(role)(CHANGE)


@pytest.mark.parametrize("spelling", ["K-01", "k-01", "Ｋ-０１", " K - 01 "])
async def test_a_class_code_is_used_once_however_it_is_spelt(office: Office, spelling: str) -> None:
    again = msgspec.structs.replace(PLAN, code=spelling)
    assert await office.refused(again) == "session_code_taken"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (PlanSession("nobody-knows", "K-02", MAY_18, ["产品知识"]), "cohort_unknown"),
        (PlanSession("2026-06-1", " ", MAY_18, ["产品知识"]), "field_missing"),
        (PlanSession("2026-06-1", "K-02", MAY_18, [" "]), "field_missing"),
        (PlanSession("2026-06-1", "K-02", MAY_18, ["产品知识"], "party"), "session_kind_unknown"),
        (PlanSession("2026-06-1", "K-02", FUTURE, ["产品知识"]), "date_too_far_ahead"),
        (OpenSession("K-404", MAY_18, 18), "session_unknown"),
        (OpenSession("K-01", FUTURE, 18), "date_in_future"),
        (CorrectOpening("K-01", MAY_18, 18, "录错"), "session_not_opened"),
        (CloseSession("K-01", MAY_22, [], 17), "session_not_opened"),
        (CorrectClosing("K-01", MAY_22, [], 17, "录错"), "session_not_opened"),
        (WriteSummary("K-01", MAY_24, "完成"), "session_not_closed"),
        (CorrectSummary("K-01", MAY_24, "完成", "录错"), "session_not_closed"),
        (CancelSession("K-01", MAY_18, " "), "field_missing"),
        (HandOverCohort("2026-06-1", " ", MAY_20), "field_missing"),
        (HandOverCohort("nobody-knows", "李经理", MAY_20), "cohort_unknown"),
        (HandOverCohort("2026-06-1", "李经理", FUTURE), "date_in_future"),
        (HandOverCohort("2026-06-1", "陈　经理", MAY_20), "handover_changes_nothing"),
    ],
)
async def test_refused_with_its_own_code_and_without_a_trace(
    office: Office, command: msgspec.Struct, code: str
) -> None:
    assert await office.refused(command) == code


async def test_a_class_may_be_planned_ahead_and_cancelled(office: Office) -> None:
    ahead = PlanSession("2026-06-1", "K-02", date(2030, 1, 1), ["产品知识"])
    await office(ahead, CancelSession("K-02", MAY_18, "人数不足"))
    assert await office.refused(OpenSession("K-02", MAY_18, 18)) == "session_cancelled"


async def test_a_cohort_is_handed_over_in_the_middle(office: Office) -> None:
    done = await office(HandOverCohort("2026-06-1", "李经理", MAY_20))
    opened, handed_over = await office.events(done)
    assert isinstance(opened, Cohort.Opened)
    assert isinstance(handed_over, Cohort.HandedOver)
    assert opened.training_manager_id != handed_over.training_manager_id
