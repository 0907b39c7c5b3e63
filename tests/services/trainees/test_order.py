"""Orders that go from hand to hand: whoever has one now is found by its number."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from services.execute import execute
from services.kernel.ports import Log
from services.trainees.correction import CorrectOrder
from services.trainees.selling import ORDERS, ReassignOrder, RecordOrder, VoidOrder
from services.trainees.trainee import EnrolTrainee, RecordLeaving
from services.trainees.withdrawal import WithdrawFact
from tests.services.office import MAY_18, Office

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)


@pytest.fixture
async def sellers(office: Office) -> Office:
    await office(
        EnrolTrainee("2026-06-1", "HZ002", "李娜", MAY_18),
        EnrolTrainee("2026-06-1", "HZ003", "张伟", JUNE_10),
        RecordOrder("HZ001", "A1", JUNE_1, "诚信通", Decimal("6688.00")),
    )
    return office


def to(number: str, on: date) -> ReassignOrder:
    return ReassignOrder("a1", number, on, "客户移交")


async def test_both_learn_of_it_at_once(sellers: Office) -> None:
    done = await sellers(to("HZ002", JUNE_10))
    assert done.events == 2
    giver = await sellers.trainee(await sellers.owner("HZ001"))
    receiver = await sellers.trainee(done.stream_id)
    assert giver.selling.orders["A1"].reassigned_to == receiver.id == await sellers.owner("HZ002")
    order = receiver.selling.orders["A1"]
    assert (order.closed_on, order.credited_on, order.product, order.amount) == (
        JUNE_1,
        JUNE_10,
        "诚信通",
        Decimal("6688.00"),
    )


async def test_back_and_forth_and_on_to_a_third(sellers: Office) -> None:
    await sellers(to("HZ002", JUNE_10), to("HZ001", JUNE_10), to("HZ002", JUNE_10))
    third = await sellers(to("HZ003", JUNE_20))
    corrected = await sellers(CorrectOrder("A1", MAY_18, "录入有误"))
    voided = await sellers(VoidOrder("A1", JUNE_20, "退单"))
    assert corrected.stream_id == voided.stream_id == third.stream_id
    assert (await sellers.refused(to("HZ001", JUNE_20))).code == "order_already_voided"


async def test_a_correction_is_told_to_all_who_ever_had_it(sellers: Office) -> None:
    await sellers(to("HZ002", JUNE_10), to("HZ001", JUNE_10))
    last = await sellers(to("HZ003", JUNE_20))
    code = (await sellers.refused(CorrectOrder("A1", JUNE_20, "录入有误"))).code
    assert code == "reassigned_before_order"
    corrected = await sellers(CorrectOrder("A1", MAY_18, "录入有误"))
    assert (corrected.stream_id, corrected.events) == (last.stream_id, 3)
    for number in ("HZ001", "HZ002", "HZ003"):
        seller = await sellers.trainee(await sellers.owner(number))
        assert seller.selling.orders["A1"].closed_on == MAY_18


async def test_a_void_order_is_void_to_all_who_ever_had_it_until_that_is_withdrawn(
    sellers: Office,
) -> None:
    await sellers(to("HZ002", JUNE_10))
    voided = await sellers(VoidOrder("A1", JUNE_20, "退单"))
    assert voided.events == 2

    async def days() -> list[date | None]:
        owners = [await sellers.owner(number) for number in ("HZ001", "HZ002")]
        return [(await sellers.trainee(one)).selling.orders["A1"].voided_on for one in owners]

    assert await days() == [JUNE_20, JUNE_20]
    giver = await sellers.trainee(await sellers.owner("HZ001"))
    void = giver.known[-1].fact_id
    await sellers(WithdrawFact(void, "录错人", employee_no="HZ001"))
    assert await days() == [None, None]


async def test_an_order_that_came_back_was_closed_by_its_first_seller_before_it_was_given(
    sellers: Office,
) -> None:
    await sellers(to("HZ002", JUNE_10), to("HZ001", JUNE_20))
    await sellers(to("HZ002", JUNE_20), to("HZ001", JUNE_20))
    for on, code in (
        (JUNE_20, "reassigned_before_order"),
        (date(2026, 1, 1), "before_enrolment"),
    ):
        assert (await sellers.refused(CorrectOrder("A1", on, "录入有误"))).code == code


@pytest.mark.parametrize(
    ("number", "on", "code"),
    [
        ("HZ001", JUNE_10, "reassigned_to_holder"),
        ("HZ002", MAY_18, "reassigned_before_order"),
        ("HZ003", JUNE_1, "before_enrolment"),
        ("HZ404", JUNE_10, "trainee_unknown"),
        ("HZ002", date(2062, 1, 1), "date_in_future"),
    ],
)
async def test_refused_to_whom_or_when_it_cannot_be(
    sellers: Office, number: str, on: date, code: str
) -> None:
    assert (await sellers.refused(to(number, on))).code == code


async def test_refused_to_somebody_gone_and_fine_from_somebody_gone(sellers: Office) -> None:
    await sellers(RecordLeaving("HZ002", JUNE_10, "个人原因"))
    assert (await sellers.refused(to("HZ002", JUNE_20))).code == "after_leaving"
    await sellers(RecordLeaving("HZ001", JUNE_10, "个人原因"), to("HZ003", JUNE_20))


async def test_nothing_is_done_with_it_before_it_was_taken_over(sellers: Office) -> None:
    await sellers(to("HZ002", JUNE_10))
    assert (await sellers.refused(VoidOrder("A1", JUNE_1, "退单"))).code == "before_take_over"
    assert (await sellers.refused(to("HZ001", JUNE_1))).code == "before_take_over"
    refusal = await sellers.refused(RecordOrder("HZ001", "A1", JUNE_20))
    assert refusal.code == "order_no_taken"
    assert (await sellers.refused(ReassignOrder("A9", "HZ001", JUNE_1, "移交"))).code == (
        "order_unknown"
    )


class Overtaking:
    """The office's log, where the order goes on whenever its holder has just been looked up."""

    def __init__(self, office: Office, *moves: ReassignOrder) -> None:
        self.office, self.moves = office, list(moves)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.office.app.log, name)

    async def owner(self, tenant_id: Any, kind: str, key: str, *, fresh: bool = True) -> str | None:
        found = await self.office.app.log.owner(tenant_id, kind, key, fresh=fresh)
        if kind == ORDERS.claim_kind and self.moves:
            await self.office(self.moves.pop(0))
        return found


async def test_an_order_that_goes_on_meanwhile_is_looked_up_again(sellers: Office) -> None:
    log = Overtaking(sellers, to("HZ002", JUNE_10), to("HZ001", JUNE_10))
    ctx = msgspec.structs.replace(sellers.app.context(sellers.principal), log=cast(Log, log))
    done = await execute(ctx, to("HZ003", JUNE_20))
    assert not log.moves
    assert done.stream_id == await sellers.owner("HZ003")
