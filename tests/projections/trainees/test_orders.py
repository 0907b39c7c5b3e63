"""Which orders there are, whose each is, and what they amount to: now and on any evening."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.kernel.values import search_key
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.totals import GroupTotal
from projections.people.people import PEOPLE
from projections.trainees.orders import ORDER_LIST
from tests.carrying import recorded
from tests.gwt import Rows, row, rows_after
from tests.situation import (
    LIFE,
    left,
    manager_changed,
    march,
    order_corrected,
    order_reassigned,
    order_voided,
    ordered,
    rejoined,
    withdrawn,
)
from tests.steps import Step

PRICE = Decimal("19.90")


def orders(*happened: Step, on: date | None = None) -> Rows:
    """The rows of the list after LIFE, in which E0 closed N2, and what else happened."""
    log = recorded([*LIFE, *happened])
    rows: list[Any] = rows_after(log, NEWCOMERS)
    assert ORDER_LIST.as_of
    if on is not None:
        rows = [cut for one in rows if (cut := ORDER_LIST.as_of(one, on))]
    named, people = ORDER_LIST.names[-1], rows_after(log, PEOPLE)
    known = {one.person_id: one for one in people}
    return Rows([named.added(one, named.called(known)) for one in ORDER_LIST.of(rows)])


def test_an_order_says_what_was_sold_when_and_by_whom() -> None:
    orders().then(
        row(
            order_no="N2",
            closed_on=march(4),
            product="宽带",
            amount=PRICE,
            employee_no="E0",
            cohort_code="A1",
            manager="王主管",
            status="valid",
            voided_on=None,
            credited_on=None,
            taken_from=None,
        )
    )


def test_a_number_is_searched_for_as_it_is_typed() -> None:
    happened = orders(ordered("E0", "HT-2026.001", on=march(5)))
    found = [one.order_no for one in happened.rows if search_key("ht-2026.001") in one.search]
    assert found == ["HT-2026.001"]


def test_a_corrected_order_says_what_it_is_now_and_keeps_its_place() -> None:
    (was,) = orders().rows
    happened = orders(order_corrected("N2", on=march(3), amount=Decimal("29.90")))
    happened.then(row(closed_on=march(3), product=None, amount=Decimal("29.90")))
    assert [one.position for one in happened.rows] == [was.position]


def test_a_void_order_stays_in_the_list_and_was_valid_the_evening_before() -> None:
    voided = order_voided("N2", on=march(6))
    orders(voided).then(row(status="voided", voided_on=march(6)))
    orders(voided, on=march(5)).then(row(status="valid", voided_on=None))


def test_an_order_that_was_given_away_stands_with_the_other_alone() -> None:
    given_away = order_reassigned("N2", to="E1", on=march(5))
    found = orders(given_away)
    found.then(row(employee_no="E1", manager="赵主管", closed_on=march(4), credited_on=march(5)))
    found.then(row(order_no="N2", product="宽带", amount=PRICE))
    assert [one.taken_from not in (None, one.trainee_id) for one in found.rows] == [True]
    orders(given_away, on=march(4)).then(row(employee_no="E0", credited_on=None))


def test_an_order_that_was_given_back_stands_once() -> None:
    back = (
        order_reassigned("N2", to="E1", on=march(5)),
        order_reassigned("N2", to="E0", on=march(6)),
    )
    orders(*back).then(row(employee_no="E0", credited_on=march(6)))
    orders(*back, on=march(5)).then(row(employee_no="E1"))


def test_the_manager_is_who_leads_the_seller_now() -> None:
    changed = manager_changed("E0", to="赵主管", on=march(5))
    orders(changed).then(row(manager="赵主管"))
    orders(changed, on=march(4)).then(row(manager="王主管"))


def test_there_is_no_order_before_the_day_on_which_it_was_closed() -> None:
    assert not orders(on=march(3)).rows


def test_orders_stay_with_the_enrolment_in_which_they_were_closed() -> None:
    before, after = orders(
        left("E0", on=march(6)),
        rejoined("E0", on=march(10)),
        ordered("E0", "N3", on=march(11)),
    ).rows
    assert (before.order_no, before.cohort_code) == ("N2", "A1")
    assert (after.order_no, after.cohort_code) == ("N3", "B2")
    assert before.employee_no == after.employee_no
    assert before.trainee_id != after.trainee_id


def test_totals_say_exactly_what_stands_and_what_is_void_and_pass_over_unknown_amounts() -> None:
    found = orders(
        ordered("E0", "N3", on=march(5), amount=Decimal("0.10")),
        ordered("E0", "N4", on=march(5)),
        ordered("E0", "N5", on=march(5), amount=Decimal("5.05")),
        order_voided("N5", on=march(6)),
    )
    assert ORDER_LIST.total_of(found.rows) == [
        GroupTotal("valid", 3, Decimal("20.00"), 1),
        GroupTotal("voided", 1, Decimal("5.05"), 0),
    ]


CLOSED, GIVEN_AWAY = 5, 6
"""The facts of E0: that N2 was closed, and that it was given away, if it was."""


def test_an_order_that_was_withdrawn_never_was_and_its_number_may_be_given_anew() -> None:
    gone = withdrawn("E0", CLOSED)
    assert not orders(gone).rows
    orders(gone, ordered("E1", "N2", on=march(5), amount=PRICE)).then(
        row(order_no="N2", employee_no="E1", product=None, amount=PRICE)
    )


def test_an_order_is_valid_again_where_the_voiding_was_withdrawn() -> None:
    orders(order_voided("N2", on=march(6)), withdrawn("E0", GIVEN_AWAY)).then(
        row(status="valid", voided_on=None)
    )


def test_an_order_is_with_the_giver_where_the_giving_away_was_withdrawn() -> None:
    orders(order_reassigned("N2", to="E1", on=march(5)), withdrawn("E0", GIVEN_AWAY)).then(
        row(employee_no="E0", credited_on=None)
    )
