"""Coming back: another trainee, found by the same number; moving between batches and managers."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.person import (
    ChangeContacts,
    JoinPersons,
    RegisterPerson,
    RenamePerson,
    WithdrawPersonFact,
)
from services.teaching.cohort import OpenCohort
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
)
from services.trainees.selling import ReassignOrder, RecordOrder, VoidOrder
from services.trainees.trainee import (
    ChangeManager,
    ChangePost,
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordLeaving,
    RecordSpotCheck,
    RejoinTrainee,
    TransferTrainee,
)
from services.trainees.withdrawal import WithdrawFact
from tests.services.office import MAY_18, Office, passed

MAY_17, JUNE_1, JUNE_9 = date(2026, 5, 17), date(2026, 6, 1), date(2026, 6, 9)
JUNE_10, JUNE_20 = date(2026, 6, 10), date(2026, 6, 20)
JULY_1, JULY_10 = date(2026, 7, 1), date(2026, 7, 10)
OCTOBER = OpenCohort("2026-10-1", "十月第1期", JUNE_20)


async def test_who_rejoins_is_another_trainee_with_the_same_number(office: Office) -> None:
    await office(RecordOrder("HZ001", "A1", JUNE_1), RecordLeaving("HZ001", JUNE_10, "个人原因"))
    old = await office.owner("HZ001")
    done = await office(
        OCTOBER, RejoinTrainee("hz001", "2026-10-1", JUNE_20, manager="钱主管", phone="13900000000")
    )
    new = done.stream_id
    assert (await office.owner("HZ001"), new) == (new, f"{old}.2")
    *_, rejoined = await office.app.log.load(office.principal.tenant, old)
    assert isinstance(rejoined, Trainee.Rejoined)
    assert rejoined.as_trainee_id == new
    employment = (await office.trainee(new)).employment
    trainee = employment.enrolled
    assert trainee.rejoins == old
    assert await office.said(old, new) == [
        ("王小明", "sales", None),
        ("王小明", "sales", "13900000000"),
    ]
    manager = await office.app.log.aggregate(office.principal.tenant, trainee.manager_id or "")
    assert isinstance(manager, Person)
    assert (manager.name, trainee.post, employment.left_on) == ("钱主管", "sales", None)

    assert (await office(RecordOrder("HZ001", "A2", JUNE_20))).stream_id == new
    assert (await office(VoidOrder("A1", JUNE_20, "退单"))).stream_id == old
    again = RecordLeaving("HZ001", JUNE_20, "个人原因")
    assert (await office(again)).stream_id == new
    third = await office(RejoinTrainee("HZ001", "2026-10-1", date(2026, 7, 1)))
    assert (await office(*passed("HZ001", date(2026, 7, 1)))).stream_id == third.stream_id


async def test_a_correction_is_of_the_enrolment_in_whose_days_the_fact_lies(office: Office) -> None:
    old = await office.owner("HZ001")
    await office(*passed("HZ001", JUNE_1), GoLive("HZ001", JUNE_1))
    (live,) = (await office.trainee(old)).placement.lives
    await office(RecordLeaving("HZ001", JUNE_10, "个人原因"))
    new = (await office(RejoinTrainee("HZ001", "2026-06-1", JUNE_20))).stream_id
    july = date(2026, 7, 1)
    await office(*passed("HZ001", july), GoLive("HZ001", july))
    unclear = CorrectGoLive("HZ001", JUNE_10, "录入有误", fact=live.fact_id)
    assert (await office.refused(unclear)).code == "was_on_missing"
    earlier = CorrectGoLive("HZ001", date(2026, 6, 2), "录入有误", was_on=JUNE_1)
    assert (await office(earlier)).stream_id == old
    later = CorrectGoLive("HZ001", date(2026, 7, 2), "录入有误", was_on=july)
    assert (await office(later)).stream_id == new
    exam = CorrectExamResult("HZ001", "drill", True, JUNE_1, "录入有误", was_on=JUNE_1, score=None)
    assert (await office.refused(exam)).code == "nothing_to_correct"


async def test_what_is_said_with_a_stay_holds_from_it_on_and_is_corrected_and_goes_with_it(
    office: Office, stays: tuple[str, str]
) -> None:
    await office(ChangePost("HZ001", JUNE_20, "customer_service"), RecordLeaving("HZ001", JULY_1))
    again = {"name": "王大明", "phone": "13911110000", "id_number": "E12345678"}
    await office(RejoinTrainee("HZ001", "2026-06-1", JULY_10, **again))
    ids = (*stays, third := await office.owner("HZ001"))
    first, second = [("王小明", "sales", None)] * 2
    assert await office.said(*ids) == [first, second, ("王大明", "customer_service", "13911110000")]
    assert (await office.person(third)).registered.id_number == "E12345678"
    await office(
        CorrectEnrolment("HZ001", "录入有误", name="王晓明", was_on=MAY_18),
        CorrectEnrolment("HZ001", "录入有误", entered_on=date(2026, 7, 9), phone="13911110001"),
    )
    first, second = [("王晓明", "sales", None)] * 2
    assert await office.said(*ids) == [first, second, ("王大明", "customer_service", "13911110001")]
    renamed, changed = (await office.person(third)).facts.events[1:]
    assert (renamed.day, changed.day) == (date(2026, 7, 9), date(2026, 7, 9))
    await office(WithdrawFact(1, "录错人", third))
    assert len((await office.person(third)).facts.events) == 1
    assert await office.said(*stays) == [first, second]


async def test_what_others_say_on_the_day_of_a_stay_is_theirs_whatever_becomes_of_it(
    office: Office, stays: tuple[str, str]
) -> None:
    today = office.app.context(office.principal).today
    again = RejoinTrainee("HZ001", "2026-06-1", today, name="王大明", phone="13911110000")
    await office(RecordLeaving("HZ001", JULY_1), again)
    third, person_id = await office.owner("HZ001"), own_stream(stays[0])
    training_manager = office.principal
    office.principal = in_role(training_manager.tenant, "user-2", Role.HR_MANAGER)
    await office(
        RenamePerson(person_id, today, "王晓明"), ChangeContacts(person_id, phone="13911110001")
    )
    office.principal = training_manager
    later = today + timedelta(days=1)
    await office(CorrectEnrolment("HZ001", "录入有误", entered_on=later))
    said = (await office.person(third)).facts.events[1:]
    assert [one.day for one in said] == [later, later, today, today]
    await office(CorrectEnrolment("HZ001", "录入有误", entered_on=today))
    await office(WithdrawFact(1, "录错人", third))
    person = await office.person(third)
    assert (person.name, person.reached_by("phone")) == ("王晓明", "13911110001")
    assert len(person.facts.events) == 3


async def test_who_comes_back_is_said_to_be_nobody_else(
    office: Office, stays: tuple[str, str]
) -> None:
    await office(RecordLeaving("HZ001", JULY_1))
    again = RejoinTrainee("HZ001", "2026-06-1", JULY_10, name="王 小明", id_number="E12345678")
    await office(again)
    third = await office.owner("HZ001")
    assert [one.TOPIC for one in (await office.person(third)).facts] == [
        Person.RegistrationCorrected.TOPIC
    ]
    await office(WithdrawFact(1, "录错人", third))
    assert (await office.person(third)).registered.id_number == "E12345678"
    refusal = await office.refused(replace(again, id_number="E87654321"))
    assert (refusal.code, refusal.field) == ("id_number_of_another", "id_number")
    await office(again)


async def test_who_was_enrolled_by_mistake_was_nobody_and_frees_the_number(office: Office) -> None:
    stay = await office.owner("HZ001")
    office.principal = in_role(office.principal.tenant, "user-2", Role.HR_MANAGER)
    person_id = own_stream(stay)
    await office(RenamePerson(person_id, JUNE_1, "王大明"))
    never = WithdrawPersonFact(person_id, 1, "录错人")
    assert (await office.refused(never)).code == "registration_rested_on"
    refusal = await office.refused(CorrectEnrolment("HZ001", "录入有误", entered_on=JUNE_9))
    assert (refusal.code, refusal.field) == ("recorded_before_registration", "entered_on")
    await office(WithdrawPersonFact(person_id, 2, "录错"))
    assert (await office.refused(never)).code == "person_named"
    await office(RenamePerson(person_id, JUNE_1, "王大明"), WithdrawFact(1, "录错人", stay))
    assert (await office.person(stay)).is_withdrawn
    await office(EnrolTrainee("2026-06-1", "HZ001", "李娜", MAY_18))
    assert own_stream(await office.owner("HZ001")) != person_id


async def test_what_was_said_on_the_first_day_moves_with_a_first_stay_that_moves_later(
    office: Office,
) -> None:
    stay, training_manager = await office.owner("HZ001"), office.principal
    office.principal = in_role(training_manager.tenant, "user-2", Role.HR_MANAGER)
    await office(RenamePerson(own_stream(stay), MAY_18, "王大明"))
    office.principal = training_manager
    for entered_on, said_on in ((JUNE_1, JUNE_1), (MAY_17, JUNE_1)):
        await office(CorrectEnrolment("HZ001", "录入有误", entered_on=entered_on))
        facts = (await office.person(stay)).facts
        assert [one.day for one in facts] == [entered_on, said_on]


async def test_an_unchanged_manager_who_was_joined_since_is_nothing_to_correct(
    office: Office,
) -> None:
    stay, training_manager = await office.owner("HZ001"), office.principal
    await office(CorrectEnrolment("HZ001", "录入有误", manager="钱主管"))
    recorded = (await office.trainee(stay)).employment.enrolled.manager_id or ""
    office.principal = in_role(training_manager.tenant, "user-2", Role.HR_MANAGER)
    kept = (await office(RegisterPerson("钱经理", MAY_18))).stream_id
    await office(JoinPersons(recorded, kept, "同一人"))
    office.principal = training_manager
    same = CorrectEnrolment("HZ001", "录入有误", manager="钱经理")
    assert (await office.refused(same)).code == "nothing_to_correct"


async def test_a_stay_after_one_that_was_withdrawn_has_a_stream_of_its_own(office: Office) -> None:
    await office(RecordLeaving("HZ001", JUNE_10, "个人原因"), OCTOBER)
    old, stays = await office.owner("HZ001"), list[str]()
    for _ in "12":
        done = await office(RejoinTrainee("HZ001", "2026-10-1", JUNE_20))
        stays.append(done.stream_id)
        await office(WithdrawFact(1, "录错人", trainee_id=done.stream_id))
    assert stays == [f"{old}.2", f"{old}.3"]


@pytest.mark.parametrize("entered_on", [JUNE_10, MAY_18])
async def test_nobody_rejoins_before_having_left(office: Office, entered_on: date) -> None:
    rejoining = RejoinTrainee("HZ001", "2026-06-1", entered_on)
    assert (await office.refused(rejoining)).code == "not_left"
    await office(RecordLeaving("HZ001", JUNE_10, "个人原因"))
    assert (await office.refused(rejoining)).code == "rejoins_before_leaving"
    await office(RejoinTrainee("HZ001", "2026-06-1", JUNE_20))
    correction = CorrectEnrolment("HZ001", "录入有误", entered_on=entered_on)
    assert (await office.refused(correction)).code == "rejoins_before_leaving"


async def test_a_person_does_not_hand_orders_to_the_one_of_earlier(office: Office) -> None:
    await office(
        RecordOrder("HZ001", "A1", JUNE_1),
        RecordLeaving("HZ001", JUNE_10, "个人原因"),
        RejoinTrainee("HZ001", "2026-06-1", JUNE_20),
    )
    refusal = await office.refused(ReassignOrder("A1", "HZ001", JUNE_20, "移交"))
    assert refusal.code == "reassigned_to_holder"


@pytest.fixture
async def stays(office: Office) -> tuple[str, str]:
    """The streams of the first stay, live from 1 to 10 June, and of the second, from 20 June on."""
    first = await office.owner("HZ001")
    await office(*passed("HZ001", JUNE_1), GoLive("HZ001", JUNE_1))
    await office(RecordLeaving("HZ001", JUNE_10, "个人原因"))
    second = await office(RejoinTrainee("HZ001", "2026-06-1", JUNE_20))
    return first, second.stream_id


async def test_whatever_is_recorded_late_is_of_the_stay_of_its_day(
    office: Office, stays: tuple[str, str]
) -> None:
    for stay, on in zip(stays, (JUNE_10, JUNE_20), strict=True):
        said = (
            ChangeManager("HZ001", on, "孙主管"),
            RecordSpotCheck("HZ001", "rules", True, on, "熟悉"),
            HoldOffPost("HZ001", on, "抽查不通过"),
            *passed("HZ001", on),
        )
        assert [(await office(one)).stream_id for one in said] == [stay] * len(said)


async def test_a_first_stay_is_corrected_by_the_days_that_are_recorded_of_it(
    office: Office, stays: tuple[str, str]
) -> None:
    first, _ = stays
    leaving = CorrectLeaving("HZ001", JUNE_9, "录入有误", was_on=JUNE_10)
    entering = CorrectEnrolment("HZ001", "录入有误", entered_on=MAY_17, was_on=MAY_18)
    for correction in (leaving, entering):
        assert (await office(correction)).stream_id == first
    for amiss, code in (
        (CorrectLeaving("HZ001", JUNE_20, "录入有误", was_on=JUNE_9), "leaves_after_rejoining"),
        (CorrectLeaving("HZ001", JUNE_9, "录入有误", was_on=JUNE_1), "leaving_unknown"),
        (CorrectLeaving("HZ001", JUNE_9, "录入有误"), "not_left"),
        (CorrectEnrolment("HZ001", "录入有误", was_on=JUNE_1), "enrolment_unknown"),
    ):
        assert (await office.refused(amiss)).code == code


async def test_an_order_goes_to_the_stay_of_its_receiver_on_the_closing_day(
    office: Office, stays: tuple[str, str]
) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18), RecordOrder("HZ002", "A1", JUNE_1)
    )
    assert (await office(ReassignOrder("A1", "HZ001", JUNE_20, "移交"))).stream_id == stays[0]
    refusal = await office.refused(CorrectOrder("A1", JUNE_20, "录入有误"))
    assert refusal.code == "order_of_other_stay"


async def test_a_stay_begins_after_all_that_is_recorded_of_the_one_before(office: Office) -> None:
    await office(RecordOrder("HZ001", "A1", JUNE_20), RecordLeaving("HZ001", JUNE_10, "个人原因"))
    rejoining = RejoinTrainee("HZ001", "2026-06-1", JUNE_20)
    assert (await office.refused(rejoining)).code == "recorded_after_rejoining"
    await office(RejoinTrainee("HZ001", "2026-06-1", date(2026, 6, 21)))
    earlier = CorrectEnrolment("HZ001", "录入有误", entered_on=JUNE_20)
    assert (await office.refused(earlier)).code == "recorded_after_rejoining"


async def test_a_later_stay_begins_no_later_than_an_order_of_it_was_closed_by_somebody_else(
    office: Office, stays: tuple[str, str]
) -> None:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18), RecordOrder("HZ002", "A1", JUNE_20)
    )
    taking_over = ReassignOrder("A1", "HZ001", date(2026, 6, 25), "移交")
    assert (await office(taking_over)).stream_id == stays[1]
    later = CorrectEnrolment("HZ001", "录入有误", entered_on=date(2026, 6, 22))
    assert (await office.refused(later)).code == "recorded_before_enrolment"


async def test_a_transfer_brings_the_policy_of_the_new_batch(office: Office) -> None:
    await office(
        OpenCohort("strict", "严格班", MAY_18, trial_required=True),
        *passed("HZ001", JUNE_1),
        TransferTrainee("HZ001", "strict", JUNE_1, "补考"),
    )
    assert (await office.refused(GoLive("HZ001", JUNE_10))).params["missing"] == ["trial"]
    unknown = TransferTrainee("HZ001", "nobody-knows", JUNE_1, "补考")
    assert (await office.refused(unknown)).code == "cohort_unknown"


async def test_held_off_the_post_until_the_next_go_live_or_the_end(office: Office) -> None:
    await office(
        *passed("HZ001", JUNE_1),
        GoLive("HZ001", JUNE_1),
        RecordSpotCheck("HZ001", "rules", False, JUNE_10, " "),
        HoldOffPost("HZ001", JUNE_10, "抽查不通过"),
        GoLive("HZ001", JUNE_20),
        HoldOffPost("HZ001", JUNE_20, "抽查不通过"),
    )
    done = await office(EliminateTrainee("HZ001", JUNE_20, "停岗后仍不通过"))
    (*_, checked, _, _, _, _) = await office.app.log.load(office.principal.tenant, done.stream_id)
    assert isinstance(checked, Trainee.SpotChecked)
    assert (checked.topic, checked.feedback) == ("rules", None)
    refusal = await office.refused(EliminateTrainee("HZ001", JUNE_20, "又一次"))
    assert refusal.code == "already_left"


async def test_a_blank_manager_is_none(office: Office) -> None:
    await office(EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18, manager="钱主管"))
    done = await office(ChangeManager("HZ002", JUNE_1, " "))
    assert (await office.trainee(done.stream_id)).employment.manager_on(date.max) is None
    assert (await office.refused(ChangeManager("HZ002", JUNE_1))).code == "no_manager_already"
