"""Newcomers from plain facts, for pure figures alone: those must count right what no command lets
through, such as the go-live before the entry of golden case G5. Everything else that a test says to
have happened is said by steps (tests/situation.py)."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.facts import GoLiveFact, OrderFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.window import Windows
from domain.people.partner import DEFAULT_ZONE
from tests.oracle.classes import Fact

START = date(2026, 1, 1)


def newcomer(
    number: int = 1,
    *,
    entered_on: date = date(2026, 5, 18),
    live: date | None = date(2026, 6, 1),
    again: date | None = None,
    left_on: date | None = None,
    orders: tuple[OrderFact, ...] = (),
    trials: tuple[TrialFact, ...] = (),
    **fields: Any,
) -> Newcomer:
    """One salesperson; positions are made up from the number."""
    return Newcomer(
        **{
            "trainee_id": f"trainee-{number}",
            "employee_no": f"T{number:02d}",
            "cohort_id": "cohort-1",
            "cohort_code": "2026-05",
            "manager_id": None,
            "post": "sales",
            "entered_on": entered_on,
            "enrolled_position": 1000 * number,
            "trials": trials,
            "lives": tuple(
                GoLiveFact(on, 1000 * number + k) for k, on in enumerate((live, again)) if on
            ),
            "orders": orders,
            "left_on": left_on,
            "left_position": 1000 * number + 999 if left_on else None,
            **fields,
        }
    )


def order(
    on: date, no: str = "A", voided_on: date | None = None, reassigned_on: date | None = None
) -> OrderFact:
    return OrderFact(
        no,
        on,
        7,
        voided_on=voided_on,
        voided_position=8 if voided_on else None,
        reassigned_on=reassigned_on,
        reassigned_position=9 if reassigned_on else None,
    )


def from_golden(facts: list[dict[str, Any]]) -> list[Newcomer]:
    """The newcomers of one case of golden.json."""

    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    return [
        newcomer(
            number,
            entered_on=date.fromisoformat(fact["entered_on"]),
            live=day(fact["went_live_on"]),
            left_on=day(fact["left_on"]),
            orders=tuple(
                order(date.fromisoformat(o["on"]), o["no"], day(o["voided_on"]))
                for o in fact["orders"]
            ),
        )
        for number, fact in enumerate(facts, 1)
    ]


def random_people(random: Random, most: int) -> list[dict[str, Any]]:
    """Histories, likely and unlikely ones, around the start of 2026."""

    def day(after: date = START, most: int = 90) -> date:
        return after + timedelta(days=random.randrange(most))

    def maybe(chance: float, after: date) -> date | None:
        return day(after) if random.random() < chance else None

    people = []
    for _ in range(random.randrange(most + 1)):
        entered = day()
        lives = [day(entered) for _ in range(random.choice((0, 1, 1, 1, 2)))]
        orders = [
            {"on": on, "voided_on": maybe(0.2, on), "reassigned_on": maybe(0.1, on)}
            for on in (day(entered, 120) for _ in range(random.randrange(4)))
        ]
        people.append(
            {
                "sales": random.random() < 0.9,
                "entered_on": entered,
                "lives": lives,
                "left_on": maybe(0.3, max(lives, default=entered)),
                "trials": [
                    (day(entered, 30), random.random() < 0.8) for _ in range(random.randrange(3))
                ],
                "orders": orders,
                "cohort": random.choice(("C1", "C2", "C3")),
                "manager": random.choice((None, "M1", "M2")),
            }
        )
    return people


def from_people(people: list[dict[str, Any]]) -> list[Newcomer]:
    """The same histories as newcomers."""
    return [
        newcomer(
            number,
            entered_on=person["entered_on"],
            live=None,
            left_on=person["left_on"],
            lives=tuple(GoLiveFact(on, number) for on in person["lives"]),
            trials=tuple(TrialFact(on, passed, number) for on, passed in person["trials"]),
            orders=tuple(
                order(o["on"], f"{number}-{k}", o["voided_on"], o["reassigned_on"])
                for k, o in enumerate(person["orders"])
            ),
            post="sales" if person["sales"] else "customer_service",
            cohort_code=person["cohort"],
            manager_id=person["manager"],
        )
        for number, person in enumerate(people, 1)
    ]


def log_of(people: list[dict[str, Any]]) -> list[Fact]:
    """The same histories as the oracle's plain facts."""
    log: list[Fact] = []

    def tell(kind: str, on: date, **fields: Any) -> None:
        recorded_at = datetime(2026, 12, 31, tzinfo=UTC)
        place = {"position": len(log) + 1, "recorded_at": recorded_at}
        log.append({**place, "kind": kind, "on": on, **fields})

    for number, person in enumerate(people, 1):
        who = f"T{number:02d}"
        post = "sales" if person["sales"] else "customer_service"
        enrolment = {"cohort": person["cohort"], "manager": person["manager"], "post": post}
        tell("enrolled", person["entered_on"], who=who, **enrolment)
        for on in person["lives"]:
            tell("live", on, who=who)
        for on, passed in person["trials"]:
            tell("trial", on, who=who, passed=passed, feedback=True)
        for k, order in enumerate(person["orders"]):
            no = f"{number}-{k}"
            tell("order", order["on"], who=who, no=no)
            if order["reassigned_on"]:
                tell("reassigned", order["reassigned_on"], no=no, to="somebody else")
            if order["voided_on"]:
                tell("voided", order["voided_on"], no=no)
        if person["left_on"]:
            tell("left", person["left_on"], who=who)
    return log


def always(parameters: Parameters) -> Scheme:
    """The scheme with one set of parameters for every month."""
    return Scheme((Version(parameters=parameters),))


def windows_on(scheme: Parameters, day: date) -> Windows:
    """The windows of everybody scored by the parameters, on the evening of a day."""
    return Windows(always(scheme), day, ZoneInfo(DEFAULT_ZONE))
