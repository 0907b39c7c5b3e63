"""The commands about trainees: what must be unique in the tenant, and what may not be said."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Role
from services.kernel.roles import ROLES, in_role
from services.people.access import Tenant
from services.registry import COMMANDS
from services.scheme.scheme import PublishScheme
from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder, VoidOrder
from services.trainees.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordTrialVerdict,
)
from tests.services.office import MAY_18, Office, passed

JUNE_1, JUNE_10 = date(2026, 6, 1), date(2026, 6, 10)


@pytest.mark.parametrize("spelling", ["HZ001", "hz001", "ＨＺ００１", " HZ 001 "])
async def test_an_employee_number_is_one_however_it_is_spelt(office: Office, spelling: str) -> None:
    refusal = await office.refused(EnrolTrainee("2026-06-1", spelling, "李娜", MAY_18))
    assert refusal.code == "employee_no_taken"


async def test_a_cohort_code_is_used_once(office: Office) -> None:
    refusal = await office.refused(OpenCohort("2026-06-1", "又一期", MAY_18))
    assert refusal.code == "cohort_code_taken"


async def test_an_order_number_is_used_once_in_the_tenant(office: Office) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18), RecordOrder("HZ001", "A1", JUNE_10)
    )
    for number in ("HZ001", "HZ002"):
        refusal = await office.refused(RecordOrder(number, "a1", JUNE_10))
        assert refusal.code == "order_no_taken"


async def test_the_same_numbers_are_free_in_another_tenant(office: Office, app: App) -> None:
    await office(RecordOrder("HZ001", "A1", JUNE_10))
    other = await app.accounts.create_partner(f"q-{office.principal.tenant.hex[:12]}", "别家")
    elsewhere = Office(app, in_role(other.tenant_id, "tm", Role.TRAINING_MANAGER))
    await elsewhere(
        OpenCohort("2026-06-1", "六月第1期", MAY_18),
        EnrolTrainee("2026-06-1", "HZ001", "张伟", MAY_18),
        RecordOrder("HZ001", "A1", JUNE_10),
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (EnrolTrainee("nobody-knows", "HZ009", "李娜", MAY_18), "cohort_unknown"),
        (EnrolTrainee("2026-06-1", " ", "李娜", MAY_18), "field_missing"),
        (EnrolTrainee("2026-06-1", "HZ009", "　", MAY_18), "field_missing"),
        (EnrolTrainee("2026-06-1", "HZ009", "李娜", date(2062, 1, 1)), "date_in_future"),
        (GoLive("HZ404", JUNE_1), "trainee_unknown"),
        (RecordOrder("HZ404", "A1", JUNE_1), "trainee_unknown"),
        (RecordOrder("HZ001", "", JUNE_1), "field_missing"),
        (RecordOrder("HZ001", "A1", date(2026, 5, 17)), "before_enrolment"),
        (RecordOrder("HZ001", "A1", JUNE_1, amount=Decimal(-1)), "amount_negative"),
        (VoidOrder("A404", JUNE_1, "退单"), "order_unknown"),
        (GoLive("HZ001", JUNE_1), "gate_not_passed"),
        (RecordExamResult("HZ001", "drill", True, date(2062, 1, 1)), "date_in_future"),
        (RecordLeaving("HZ001", date(2062, 1, 1), "个人原因"), "date_in_future"),
    ],
)
async def test_refused_with_its_own_code_and_without_a_trace(
    office: Office, command: msgspec.Struct, code: str
) -> None:
    assert (await office.refused(command)).code == code


async def test_a_cohort_may_ask_for_a_trial_before_the_go_live(office: Office) -> None:
    await office(
        OpenCohort("strict", "严格班", MAY_18, trial_required=True),
        EnrolTrainee("strict", "HZ003", "张伟", MAY_18),
        *passed("HZ003", JUNE_1),
    )
    assert (await office.refused(GoLive("HZ003", JUNE_1))).params["missing"] == ["trial"]
    done = await office(
        RecordTrialVerdict("HZ003", "passed", JUNE_1, "跟进良好"), GoLive("HZ003", JUNE_1)
    )
    assert done.events == 1


async def test_a_second_go_live_is_refused(office: Office) -> None:
    await office(*passed("HZ001", JUNE_1), GoLive("HZ001", JUNE_1))
    assert (await office.refused(GoLive("HZ001", JUNE_10))).code == "already_live"


async def test_a_leaving_may_be_recorded_with_notice(office: Office) -> None:
    zone = ZoneInfo(office.principal.zone)
    today = datetime.now(zone).date()
    await office(RecordLeaving("HZ001", today + timedelta(days=30), "个人原因"))


async def test_a_scheme_has_one_version_a_month(office: Office) -> None:
    await office(PublishScheme("2026-01", Parameters(window_days=60)))
    assert (await office.refused(PublishScheme("2026-01"))).code == "scheme_overlaps"
    assert (await office.refused(PublishScheme("2026-13"))).code == "month_invalid"
    with pytest.raises(Refusal) as refused:
        Parameters(window_days=0)
    assert refused.value.code == "window_days_invalid"


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_gives_the_commands_of_its_row_and_no_other(
    app: App, partner: Tenant, role: Role
) -> None:
    principal = in_role(partner.tenant_id, "somebody", role)
    command = OpenCohort(f"by-{role}", "一期", MAY_18)
    if COMMANDS[OpenCohort].permission in ROLES[role]:
        assert (await execute(app.context(principal), command)).events == 1
    else:
        with pytest.raises(PermissionRefusedError):
            await execute(app.context(principal), command)
