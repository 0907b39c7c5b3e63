"""The list of orders through the door: narrowed, in pages, added up, and of then."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.api.door import Door

JUNE_1, JUNE_9 = "2026-06-01", "2026-06-09"
ORDER = """
  orderNo closedOn product amount status voidedOn creditedOn
  trainee { employeeNo name } takenFrom { name }
"""
QUERY = """
  query Q(
    $c: ID, $m: String, $month: String, $product: String, $s: OrderStatus, $search: String,
    $day: Date, $known: Int, $p: Int
  ) {
    orders(
      cohort: $c, manager: $m, month: $month, product: $product, status: $s, search: $search,
      happenedBy: $day, knownByPosition: $known, minPosition: $p
    ) { totalCount edges { node { orderNo } } }
    orderTotals(
      cohort: $c, manager: $m, month: $month, product: $product, status: $s, search: $search,
      happenedBy: $day, knownByPosition: $known, minPosition: $p
    ) { status count amount }
  }
"""


@pytest.fixture
async def sold(door: Door) -> tuple[Door, int]:
    """T1 of B1 closed A1 and B-2, T2 of B2 C3, which is T1's since the ninth; B-2 is void."""
    for number, cohort in (("T1", "B1"), ("T2", "B2")):
        await door.changed("openCohort", code=cohort, name=cohort, openedOn="2026-05-01")
        stated = {"cohort": cohort, "employeeNo": number, "name": f"学员{number}"}
        await door.changed(
            "enrolTrainee", **stated, enteredOn="2026-05-02", manager=f"主管{cohort}"
        )
    for who, no, on, product, amount in (
        ("T1", "A1", JUNE_1, "宽带", "0.10"),
        ("T1", "B-2", "2026-06-02", "专线", "19.90"),
        ("T2", "C3", "2026-05-31", "宽带", "0.20"),
    ):
        stated = {"product": product, "amount": amount}
        await door.changed("recordOrder", employeeNo=who, orderNo=no, closedOn=on, **stated)
    await door.changed("voidOrder", orderNo="b-2", on=JUNE_9, reason="退单")
    return door, await door.changed(
        "reassignOrder", orderNo="C3", employeeNo="T1", on=JUNE_9, reason="移交"
    )


async def found(door: Door, position: int, **given: Any) -> tuple[list[str], dict[str, Any]]:
    """The numbers of the orders, and by status how many there are and what they amount to."""
    data = await door.data(QUERY, p=position, **given)
    numbers = [edge["node"]["orderNo"] for edge in data["orders"]["edges"]]
    assert data["orders"]["totalCount"] == len(numbers)
    totals = {one["status"]: (one["count"], one["amount"]) for one in data["orderTotals"]}
    return numbers, totals


async def test_the_latest_comes_first_and_sums_are_exact(sold: tuple[Door, int]) -> None:
    numbers, totals = await found(*sold)
    assert numbers == ["B-2", "A1", "C3"]
    assert totals == {"VALID": (2, "0.30"), "VOIDED": (1, "19.90")}


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({"month": "2026-05"}, ["C3"]),
        ({"product": "宽带"}, ["A1", "C3"]),
        ({"product": "没有的"}, []),
        ({"s": "VOIDED"}, ["B-2"]),
        ({"m": "主管B1"}, ["B-2", "A1", "C3"]),
        ({"m": "主管B2"}, []),
        ({"search": "c3"}, ["C3"]),
        ({"search": "t1"}, ["B-2", "A1", "C3"]),
        ({"search": "t2", "day": "2026-06-08"}, ["C3"]),
        ({"s": "VOIDED", "day": "2026-06-08"}, []),
        ({"month": "2026-06", "product": "宽带"}, ["A1"]),
    ],
    ids=str,
)
async def test_comes_narrowed_to_what_is_asked_also_of_an_earlier_evening(
    sold: tuple[Door, int], given: dict[str, Any], numbers: list[str]
) -> None:
    told, totals = await found(*sold, **given)
    assert told == numbers
    assert sum(count for count, _ in totals.values()) == len(numbers)


async def test_what_was_known_before_knows_nothing_of_the_handing_over(
    sold: tuple[Door, int],
) -> None:
    door, position = sold
    numbers, _ = await found(door, position, m="主管B2", known=position - 2)
    assert numbers == ["C3"]


async def test_an_order_says_whose_it_is_and_from_whom(sold: tuple[Door, int]) -> None:
    door, position = sold
    query = f'query Q($p: Int) {{ order(orderNo: " ｃ3", minPosition: $p) {{ id {ORDER} }} }}'
    order = (await door.data(query, p=position))["order"]
    assert order == {
        "id": order["id"],
        "orderNo": "C3",
        "closedOn": "2026-05-31",
        "product": "宽带",
        "amount": "0.20",
        "status": "VALID",
        "voidedOn": None,
        "creditedOn": JUNE_9,
        "trainee": {"employeeNo": "T1", "name": "学员T1"},
        "takenFrom": {"name": "学员T2"},
    }
    by_id = "query Q($id: ID!) { node(id: $id) { ... on Order { orderNo } } }"
    assert (await door.data(by_id, id=order["id"]))["node"] == {"orderNo": "C3"}


async def test_a_workbook_says_what_its_orders_amount_to(sold: tuple[Door, int]) -> None:
    door, position = sold
    await found(door, position)
    answer = await door.http.get(
        "/exports/orders.xlsx", headers=door.headers | {"accept-language": "en"}
    )
    notes = load_workbook(BytesIO(answer.content)).worksheets[-1]
    said = dict(notes.iter_rows(values_only=True))
    assert (said["Valid · Rows"], said["Valid · Amount (yuan)"]) == (2, 0.3)
    assert (said["Void · Rows"], said["Void · Amount (yuan)"]) == (1, 19.9)


async def test_a_file_names_the_sellers(sold: tuple[Door, int]) -> None:
    door, position = sold
    await found(door, position)
    for times, seller, giver in (
        ("", "学员T1", "学员T2"),
        ("&happenedBy=2026-06-08", "学员T2", ""),
    ):
        answer = await door.http.get(
            f"/exports/orders.csv?search=C3{times}",
            headers=door.headers | {"accept-language": "en"},
        )
        heads, line = answer.text.removeprefix("\ufeff").splitlines()
        cells = dict(zip(heads.split(","), line.split(","), strict=True))
        assert (cells["Order no."], cells["Amount (yuan)"]) == ("C3", "0.20")
        assert (cells["Seller"], cells["Taken over from"]) == (seller, giver)
