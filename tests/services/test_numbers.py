"""Numbers as people type and paste them: at every door the same number is the same thing."""

import asyncio
from datetime import date

import msgspec
import pytest

from domain.kernel.errors import Refusal
from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder, VoidOrder
from services.trainees.trainee import EnrolTrainee, RecordLeaving, RejoinTrainee
from services.trainees.withdrawal import WithdrawFact
from tests.services.office import MAY_18, Office

JUNE_1, JUNE_20 = date(2026, 6, 1), date(2026, 6, 20)


@pytest.mark.parametrize("pasted", ['="hz001"', "'HZ001", "`HZ001", "\tHZ001", "\u202dHZ001\u202c"])
async def test_a_guard_that_was_pasted_along_is_no_part_of_a_number(
    pasted: str, office: Office
) -> None:
    done = await office(RecordOrder(pasted, '="A1"', JUNE_1))
    assert done.stream_id == await office.owner("HZ001")
    assert (await office(VoidOrder("a1", JUNE_20, "退款"))).stream_id == done.stream_id


async def test_a_new_number_like_another_but_for_leading_zeros_is_refused(office: Office) -> None:
    await office(EnrolTrainee("2026-06-1", "00147", "林小满", MAY_18))
    for number in ("147", "0147", "000147", "'147"):
        refused = await office.refused(EnrolTrainee("2026-06-1", number, "林小满", MAY_18))
        assert (refused.code, refused.field) == ("number_like_another", "employee_no")
        assert refused.params["like"] == "00147"


async def test_of_numbers_alike_that_come_at_the_same_moment_one_is_taken(office: Office) -> None:
    numbers = ("00147", "147", "0147", "000147")
    answers = await asyncio.gather(
        *(office(EnrolTrainee("2026-06-1", number, "林小满", MAY_18)) for number in numbers),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["number_like_another"] * 3
    (taken,) = {one.params["like"] for one in refused}
    assert await office.owner(taken) is not None


async def test_a_number_is_as_free_as_its_likes_when_what_had_it_is_withdrawn(
    office: Office,
) -> None:
    await office(RecordOrder("HZ001", "0020", JUNE_1), WithdrawFact(2, "录错", employee_no="HZ001"))
    await office(RecordOrder("HZ001", "20", JUNE_1))
    refused = await office.refused(RecordOrder("HZ001", "0020", JUNE_1))
    assert (refused.code, refused.params["like"]) == ("number_like_another", "20")
    taken = await office.refused(RecordOrder("HZ001", "20", JUNE_1))
    assert taken.code == "order_no_taken"


async def test_a_number_that_is_nobodys_tells_of_one_with_other_leading_zeros(
    office: Office,
) -> None:
    await office(EnrolTrainee("2026-06-1", "00147", "林小满", MAY_18))
    await office(RecordOrder("00147", "0020", JUNE_1))
    seller: msgspec.Struct = RecordOrder("147", "A1", JUNE_1)
    for command, like in ((seller, "00147"), (VoidOrder("20", JUNE_20, "退款"), "0020")):
        refused = await office.refused(command)
        assert (refused.code, refused.params["like"]) == ("number_unknown_but_like", like)
    refused = await office.refused(RecordOrder("148", "A1", JUNE_1))
    assert refused.code == "trainee_unknown"


async def test_batches_of_like_numbers_are_asked_about_too(office: Office) -> None:
    await office(OpenCohort("07", "第七期", MAY_18))
    refused = await office.refused(OpenCohort("7", "第七期", MAY_18))
    assert refused.code == "number_like_another"


async def test_a_power_of_ten_is_no_number(office: Office) -> None:
    refused = await office.refused(RecordOrder("HZ001", "2.02606E+17", JUNE_1))
    assert (refused.code, refused.field) == ("number_in_powers_of_ten", "order_no")


async def test_a_late_order_of_somebody_who_rejoined_is_of_the_enrolment_of_its_day(
    office: Office,
) -> None:
    first = await office.owner("HZ001")
    await office(
        RecordLeaving("HZ001", JUNE_1, "个人原因"),
        RejoinTrainee("HZ001", "2026-06-1", JUNE_20),
    )
    assert (await office(RecordOrder("HZ001", "A1", MAY_18))).stream_id == first
    assert (await office(RecordOrder("HZ001", "A2", JUNE_20))).stream_id != first
