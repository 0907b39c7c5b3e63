"""Complaints: numbered in the tenant, sealed, perhaps withdrawn."""

from datetime import date

import msgspec
import pytest

from services.trainees.selling import FileComplaint, WithdrawComplaint
from services.trainees.trainee import EnrolTrainee, RecordLeaving
from tests.services.office import MAY_18, Office

JUNE_1, JUNE_10 = date(2026, 6, 1), date(2026, 6, 10)


async def test_filed_also_of_somebody_gone_and_withdrawn_once(office: Office) -> None:
    await office(RecordLeaving("HZ001", JUNE_1, "个人原因"))
    filed = await office(FileComplaint("HZ001", "ts-1", JUNE_10, "承诺客户返点"))
    withdrawn = await office(WithdrawComplaint("TS-1", JUNE_10, "客户撤诉"))
    assert filed.stream_id == withdrawn.stream_id
    refusal = await office.refused(WithdrawComplaint("TS-1", JUNE_10, "客户撤诉"))
    assert refusal.code == "complaint_already_withdrawn"


async def test_what_it_is_about_is_sealed(office: Office) -> None:
    await office(FileComplaint("HZ001", "TS-1", JUNE_10, "承诺客户返点"))
    async with office.app.db.tenant(office.principal.tenant) as connection:
        stored = await connection.plain.fetchval(
            "select payload::text from events where topic = 'trainee.complaint_filed'"
        )
    assert "返点" not in stored


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (FileComplaint("HZ001", " ", JUNE_10), "field_missing"),
        (FileComplaint("HZ404", "TS-2", JUNE_10), "trainee_unknown"),
        (FileComplaint("HZ001", "TS-2", date(2026, 5, 1)), "before_enrolment"),
        (FileComplaint("HZ001", "ｔｓ-1", JUNE_10), "complaint_no_taken"),
        (FileComplaint("HZ002", "TS-1", JUNE_10), "complaint_no_taken"),
        (WithdrawComplaint("TS-9", JUNE_10, "误会"), "complaint_unknown"),
        (WithdrawComplaint("TS-1", MAY_18, "误会"), "withdrawn_before_complaint"),
        (WithdrawComplaint("TS-1", JUNE_10, " "), "field_missing"),
    ],
)
async def test_refused_without_a_trace(office: Office, command: msgspec.Struct, code: str) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18),
        FileComplaint("HZ001", "TS-1", JUNE_1),
    )
    assert (await office.refused(command)).code == code
