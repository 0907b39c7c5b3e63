"""What had been typed wrong: said as it was, under the same rules."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
)
from services.trainees.selling import RecordOrder
from services.trainees.trainee import GoLive, RecordLeaving, RecordTrialVerdict
from tests.services.office import Office, passed

MAY_20, MAY_30 = date(2026, 5, 20), date(2026, 5, 30)
JUNE_1, JUNE_2, JUNE_10, JUNE_20 = (date(2026, 6, day) for day in (1, 2, 10, 20))
WHY = "录入有误"


@pytest.fixture
async def career(office: Office) -> Office:
    await office(
        RecordTrialVerdict("HZ001", "failed", MAY_30, "再练"),
        *passed("HZ001", MAY_30),
        GoLive("HZ001", JUNE_1),
        RecordOrder("HZ001", "A1", JUNE_10, "诚信通"),
        RecordLeaving("HZ001", JUNE_20, "个人原因"),
    )
    return office


@pytest.mark.parametrize(
    "command",
    [
        CorrectEnrolment("HZ001", WHY, entered_on=MAY_20, manager="钱主管", name="王晓明"),
        CorrectTrialVerdict("HZ001", "passed", MAY_30, "跟进良好", WHY, was_on=MAY_30),
        CorrectExamResult("HZ001", "drill", False, MAY_30, WHY, Decimal(40), was_on=MAY_30),
        CorrectGoLive("HZ001", JUNE_2, WHY, was_on=JUNE_1),
        CorrectOrder("A1", JUNE_2, WHY, "诚信通", Decimal("6688.00")),
        CorrectLeaving("HZ001", JUNE_10, WHY, "家庭原因"),
    ],
    ids=lambda command: type(command).__name__,
)
async def test_is_recorded_once_and_needs_a_reason(career: Office, command: msgspec.Struct) -> None:
    silent = msgspec.structs.replace(command, reason=" ")
    assert (await career.refused(silent)).code == "field_missing"
    # A manager is named first, and the person's name and first day are in another stream.
    others = 2 * isinstance(command, CorrectEnrolment)
    assert (await career(command)).events == 1 + others
    again = command
    if isinstance(command, CorrectGoLive):
        again = msgspec.structs.replace(command, was_on=JUNE_2)
    assert (await career.refused(again)).code == "nothing_to_correct"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (CorrectEnrolment("HZ001", WHY, entered_on=JUNE_1), "recorded_before_enrolment"),
        (CorrectEnrolment("HZ001", WHY, post="astronaut"), "post_unknown"),
        (CorrectEnrolment("HZ001", WHY), "nothing_to_correct"),
        (CorrectEnrolment("HZ404", WHY), "trainee_unknown"),
        (CorrectTrialVerdict("HZ001", "passed", MAY_30, "好", WHY, was_on=JUNE_1), "trial_unknown"),
        (CorrectTrialVerdict("HZ001", "passed", JUNE_2, "好", WHY, was_on=MAY_30), "already_live"),
        (
            CorrectTrialVerdict("HZ001", "passed", MAY_30, " ", WHY, was_on=MAY_30),
            "field_missing",
        ),
        (CorrectExamResult("HZ001", "drill", True, JUNE_1, WHY, was_on=JUNE_1), "exam_unknown"),
        (
            CorrectExamResult("HZ001", "drill", True, MAY_30, WHY, Decimal(101), was_on=MAY_30),
            "score_out_of_range",
        ),
        (CorrectGoLive("HZ001", JUNE_1, WHY, was_on=JUNE_2), "go_live_unknown"),
        (CorrectGoLive("HZ001", date(2026, 5, 1), WHY, was_on=JUNE_1), "before_enrolment"),
        (CorrectGoLive("HZ001", date(2026, 6, 21), WHY, was_on=JUNE_1), "after_leaving"),
        (CorrectOrder("A1", date(2026, 6, 21), WHY), "after_leaving"),
        (CorrectOrder("A9", JUNE_2, WHY), "order_unknown"),
        (CorrectOrder("A1", JUNE_2, WHY, amount=Decimal(-1)), "amount_negative"),
        (CorrectLeaving("HZ001", MAY_30, WHY), "leaves_before_live"),
    ],
)
async def test_keeps_the_rules_of_what_it_corrects(
    career: Office, command: msgspec.Struct, code: str
) -> None:
    assert (await career.refused(command)).code == code


async def test_a_blank_manager_says_that_there_was_none(career: Office) -> None:
    await career(CorrectEnrolment("HZ001", WHY, manager="钱主管"))
    done = await career(CorrectEnrolment("HZ001", WHY, manager=""))
    assert (await career.trainee(done.stream_id)).employment.enrolled.manager_id is None


async def test_a_phone_and_a_mail_stay_where_nothing_is_said_of_them_and_a_blank_clears_them(
    office: Office,
) -> None:
    said = {"phone": "13800007919\t\n", "mail": " '小明@partner.example"}
    done = await office(CorrectEnrolment("HZ001", WHY, **said))
    for mail, expected in ((None, "小明@partner.example"), ("\u200b\u3164", None)):
        await office(CorrectEnrolment("HZ001", WHY, mail=mail, manager=f"钱{expected}"))
        person = await office.person(done.stream_id)
        assert (person.reached_by("phone"), person.reached_by("mail")) == ("13800007919", expected)
    assert (await office.refused(CorrectEnrolment("HZ001", WHY, mail=""))).code == (
        "nothing_to_correct"
    )


async def test_a_corrected_name_is_sealed_like_the_first(career: Office) -> None:
    done = await career(CorrectEnrolment("HZ001", WHY, name="王晓明"))
    assert (await career.person(done.stream_id)).name == "王晓明"
    async with career.app.db.tenant(career.principal.tenant) as connection:
        stored = await connection.plain.fetchval(
            "select payload::text from events where topic = 'person.registration_corrected'"
        )
    assert "王晓明" not in stored
