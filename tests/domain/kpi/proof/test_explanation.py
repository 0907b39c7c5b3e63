"""A figure opens to its people, its orders, the rules and the events."""

from datetime import date

from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.facts import WithdrawnFact
from domain.trainees.trainee import Trainee
from tests.domain.kpi.counted import explain
from tests.domain.kpi.facts import newcomer, order

DAY = date(2026, 7, 5)
LATER = date(2026, 6, 20)


def test_every_member_not_counted_names_its_rule() -> None:
    opened = explain(
        [
            newcomer(1, orders=(order(date(2026, 6, 5)),)),
            newcomer(2),
            newcomer(3, left_on=LATER, orders=(order(date(2026, 6, 5)),)),
            newcomer(4, live=LATER),
            newcomer(5, live=None),
        ],
        DAY,
        Parameters(),
    )
    assert [m.label for m in opened.members_counted] == ["T01"]
    assert {m.label: m.rule for m in opened.members_not_counted} == {
        "T02": "no_order_in_window",
        "T03": "left_before_cutoff",
        "T04": "window_open",
    }
    assert [m.label for m in opened.in_training] == ["T05"]


def test_people_stand_in_the_order_in_which_they_came_however_they_are_read() -> None:
    live = [newcomer(n, live=day) for n, day in ((2, LATER), (1, LATER), (4, date(2026, 6, 1)))]
    training = [
        newcomer(n, live=None, entered_on=day)
        for n, day in ((3, date(2026, 5, 4)), (6, date(2026, 5, 3)), (5, date(2026, 5, 4)))
    ]
    opened = explain([*training, *live], DAY, Parameters())
    assert [m.label for m in opened.members] == ["T04", "T01", "T02"]
    assert [m.label for m in opened.in_training] == ["T06", "T03", "T05"]


def test_a_leaving_after_the_day_is_not_told() -> None:
    (member,) = explain([newcomer(left_on=DAY)], LATER, Parameters()).members
    assert (member.state.left_on, member.positions) == (None, (1000,))
    (member,) = explain([newcomer(left_on=DAY)], DAY, Parameters()).members
    assert (member.state.left_on, member.positions) == (DAY, (1000, 1999))


def test_what_was_withdrawn_of_what_counts_is_told_from_its_day_on() -> None:
    who = newcomer(
        withdrawn=(
            WithdrawnFact(LATER, 1777, Trainee.OrderClosed.TOPIC),
            WithdrawnFact(LATER, 1778, Trainee.WrittenExamRecorded.TOPIC),
        )
    )
    (member,) = explain([who], LATER, Parameters()).members
    assert member.positions == (1000, 1777)
    (member,) = explain([who], date(2026, 6, 19), Parameters()).members
    assert member.positions == (1000,)


def test_every_order_not_counted_names_its_rule_and_its_events() -> None:
    who = newcomer(
        1,
        orders=(
            order(date(2026, 5, 30), "early"),
            order(date(2026, 6, 1), "first day"),
            order(date(2026, 6, 30), "last day"),
            order(date(2026, 7, 1), "late"),
            order(date(2026, 6, 5), "void", voided_on=date(2026, 7, 5)),
            order(date(2026, 6, 6), "void later", voided_on=date(2026, 7, 6)),
            order(date(2026, 6, 7), "given away", reassigned_on=LATER),
            order(date(2026, 7, 6), "not yet"),
        ),
    )
    opened = explain([who], DAY, Parameters())
    assert [o.order.no for o in opened.orders_counted] == ["first day", "void later", "last day"]
    assert {o.order.no: (o.rule, o.positions) for o in opened.orders_excluded} == {
        "early": ("before_go_live", (7,)),
        "void": ("voided", (7, 8)),
        "given away": ("reassigned", (7, 9)),
        "late": ("after_window", (7,)),
    }


def test_an_order_of_somebody_who_never_went_live_counts_for_that_reason() -> None:
    opened = explain([newcomer(live=None, orders=(order(LATER),))], DAY, Parameters())
    assert [o.rule for o in opened.orders_excluded] == ["not_live"]
