"""What was recorded by mistake is withdrawn: it never was, and its number is free again."""

from datetime import date

import msgspec
import pytest

from domain.trainees.trainee import Trainee
from services.execute import execute
from services.kernel.context import Role
from services.kernel.rehearsal import rehearsing
from services.kernel.roles import in_role
from services.trainees.correction import CorrectLeaving
from services.trainees.follow_up import OpenFollowUp
from services.trainees.selling import (
    FileComplaint,
    ReassignOrder,
    RecordOrder,
    VoidOrder,
    WithdrawComplaint,
)
from services.trainees.trainee import (
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordLeaving,
    RecordTrialVerdict,
    RejoinTrainee,
)
from services.trainees.withdrawal import WithdrawFact
from tests.services.office import MAY_18, Office, passed

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)
WHY = "录错人"


def withdraw(fact: int, who: str = "HZ001") -> WithdrawFact:
    return WithdrawFact(fact, WHY, employee_no=who)


async def test_a_leaving_recorded_by_mistake_is_taken_back(office: Office) -> None:
    await office(RecordLeaving("HZ001", JUNE_20, "个人原因"))
    await office(withdraw(2), RecordOrder("HZ001", "A2", date(2026, 7, 1)))
    assert (await office.refused(withdraw(2))).code == "fact_withdrawn_already"
    assert (await office.refused(CorrectLeaving("HZ001", JUNE_10, WHY))).code == "not_left"


async def test_the_number_of_an_order_or_a_complaint_is_free_again(office: Office) -> None:
    await office(EnrolTrainee("2026-06-1", "HZ002", "李小红", MAY_18))
    order = RecordOrder("HZ001", "A1", JUNE_10)
    complaint = FileComplaint("HZ001", "C1", JUNE_10)
    await office(order, complaint)
    await office(withdraw(2), withdraw(3))
    assert (await office.refused(VoidOrder("A1", JUNE_20, WHY))).code == "order_unknown"
    unknown = await office.refused(WithdrawComplaint("C1", JUNE_20, WHY))
    assert unknown.code == "complaint_unknown"
    right = [msgspec.structs.replace(one, employee_no="HZ002") for one in (order, complaint)]
    await office(*right)
    assert {(await office.refused(one)).code for one in (order, complaint)} == {
        "order_no_taken",
        "complaint_no_taken",
    }


async def test_a_withdrawn_enrolment_frees_the_number_for_an_enrolment_that_is_no_rejoining(
    office: Office,
) -> None:
    old = await office.owner("HZ001")
    assert (await office(withdraw(1))).stream_id == old
    assert (await office.refused(withdraw(1))).code == "trainee_unknown"
    assert (await office.refused(RecordLeaving("HZ001", JUNE_1))).code == "trainee_unknown"
    again = await office(EnrolTrainee("2026-06-1", "HZ001", "王大明", MAY_18))
    enrolled = (await office.trainee(again.stream_id)).employment.enrolled
    assert (enrolled.rejoins, again.stream_id == old) == (None, False)
    by_id = WithdrawFact(1, WHY, trainee_id=old)
    assert (await office.refused(by_id)).code == "fact_withdrawn_already"


async def test_an_enrolment_stays_whose_trainee_was_followed_up(office: Office) -> None:
    await office(*passed("HZ001", JUNE_1), GoLive("HZ001", JUNE_1))
    await office(*(OpenFollowUp("HZ001", code, JUNE_10) for code in ("F1", "F2")))
    await office(*map(withdraw, (4, 3, 2)))
    refused = await office.refused(withdraw(1))
    assert (refused.code, refused.params["follow_up"]) == ("enrolment_followed_up", "F1")


@pytest.mark.parametrize("said_of", ["the first enrolment", "the second"])
async def test_a_rejoining_that_never_was_gives_the_number_back(
    office: Office, said_of: str
) -> None:
    await office(RecordLeaving("HZ001", JUNE_10))
    old = await office.owner("HZ001")
    new = (await office(RejoinTrainee("HZ001", "2026-06-1", JUNE_20))).stream_id
    resting = await office.refused(WithdrawFact(2, WHY, trainee_id=old))
    assert (resting.code, resting.params["what"]) == ("fact_rested_on", Trainee.Rejoined.TOPIC)
    withdrawal = WithdrawFact(3, WHY, trainee_id=old) if said_of == "the first enrolment" else None
    await office(withdrawal or withdraw(1))
    assert await office.owner("HZ001") == old
    assert (await office.trainee(new)).known == []
    await office(RejoinTrainee("HZ001", "2026-06-1", JUNE_20))


@pytest.mark.parametrize("said_of", ["giver", "receiver"])
async def test_an_order_given_to_the_wrong_person_is_the_givers_again(
    office: Office, said_of: str
) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李小红", MAY_18),
        RecordOrder("HZ001", "A1", JUNE_1),
        ReassignOrder("A1", "HZ002", JUNE_10, "移交"),
    )
    giver, receiver = await office.owner("HZ001"), await office.owner("HZ002")
    resting = await office.refused(withdraw(2))
    assert (resting.code, resting.params["on"]) == ("fact_rested_on", JUNE_10)
    done = await office(withdraw(3) if said_of == "giver" else withdraw(2, "HZ002"))
    assert done.events == 2
    assert (await office.trainee(giver)).selling.holds("A1")
    assert not (await office.trainee(receiver)).selling.orders
    assert (await office(VoidOrder("A1", JUNE_20, "退款"))).stream_id == giver


async def test_what_became_of_an_order_on_the_other_side_stands_in_the_way(office: Office) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李小红", MAY_18),
        RecordOrder("HZ001", "A1", JUNE_1),
        ReassignOrder("A1", "HZ002", JUNE_10, "移交"),
        VoidOrder("A1", JUNE_20, "退款"),
    )
    resting = await office.refused(withdraw(3))
    assert (resting.code, resting.params["what"], resting.params["employee_no"]) == (
        "fact_rested_on",
        Trainee.OrderVoided.TOPIC,
        "HZ001",
    )
    await office(withdraw(3, "HZ002"), withdraw(3))


async def test_all_of_a_person_can_be_withdrawn_step_by_step(office: Office) -> None:
    await office(
        RecordTrialVerdict("HZ001", "passed", JUNE_1, "好"),
        *passed("HZ001", JUNE_1),
        GoLive("HZ001", JUNE_1),
        HoldOffPost("HZ001", JUNE_10, "抽查不通过"),
        RecordLeaving("HZ001", JUNE_20),
    )
    facts = [one.fact_id for one in (await office.trainee(await office.owner("HZ001"))).known]
    assert (await office.refused(withdraw(1))).params["what"] == Trainee.Left.TOPIC
    await office(*map(withdraw, reversed(facts)))


async def test_says_of_whom_and_why(office: Office) -> None:
    assert (await office.refused(WithdrawFact(1, WHY))).code == "employee_no_missing"
    assert (await office.refused(WithdrawFact(1, " ", employee_no="HZ001"))).code == "field_missing"
    assert (await office.refused(withdraw(9))).code == "fact_unknown"


async def test_refuses_a_number_that_is_not_the_named_trainees(office: Office) -> None:
    await office(RecordLeaving("HZ001", JUNE_20, "个人原因"))
    who = await office.owner("HZ001")
    other = WithdrawFact(2, WHY, trainee_id=who, employee_no="HZ002")
    assert (await office.refused(other)).code == "employee_no_of_another"
    await office(WithdrawFact(2, WHY, trainee_id=who, employee_no="hz001"))


async def test_takes_what_recording_it_takes(office: Office) -> None:
    await office(RecordOrder("HZ001", "A1", JUNE_1))
    officer = in_role(office.principal.tenant, office.principal.actor, Role.HR_OFFICER)
    limited = Office(office.app, officer)
    assert (await limited.refused(withdraw(2))).code == "permission_refused"
    await office(withdraw(2))
    await limited(withdraw(1))


async def test_a_rehearsal_frees_the_number_too(office: Office) -> None:
    await office(RecordOrder("HZ001", "A1", JUNE_1))
    context = rehearsing(office.app.context(office.principal))
    for command in (withdraw(2), RecordOrder("HZ001", "A1", JUNE_10), withdraw(4)):
        await execute(context, command)
    assert (await office.refused(RecordOrder("HZ001", "A1", JUNE_10))).code == "order_no_taken"
