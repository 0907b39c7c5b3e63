"""Batches whose chances are known: every day an order and a leaving by chance."""

from datetime import date, timedelta
from random import Random

from domain.kpi.subjects.facts import OrderFact
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.facts import newcomer, order

APART = timedelta(days=14)


def batches(
    random: Random,
    first_live: date,
    number: int,
    people: int = 18,
    order_chance: float = 0.04,
    leave_chance: float = 0.006,
    spread: float = 0.0,
) -> list[Newcomer]:
    """Batches that go live 14 days apart, each on one day.

    order_chance, leave_chance: of each day. spread: how much a batch's chance of an order may be
    above or below, as a share of it.
    """
    return [
        person
        for batch in range(number)
        for person in _batch(
            random,
            batch,
            first_live + batch * APART,
            people,
            order_chance * random.uniform(1 - spread, 1 + spread),
            leave_chance,
        )
    ]


def _batch(
    random: Random, number: int, live: date, people: int, order_chance: float, leave_chance: float
) -> list[Newcomer]:
    found = []
    for person in range(people):
        orders: list[OrderFact] = []
        left_on = None
        for day in (live + timedelta(days=k) for k in range(60)):
            if random.random() < order_chance:
                orders.append(order(day, f"{number}-{person}-{day}"))
            if random.random() < leave_chance:
                left_on = day
                break
        found.append(
            newcomer(
                1000 * number + person,
                live=live,
                orders=tuple(orders),
                left_on=left_on,
                cohort_id=f"cohort-{number}",
                cohort_code=f"B{number:03d}",
            )
        )
    return found
