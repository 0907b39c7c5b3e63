"""The figures a second time: naive, slow, written from the rules alone, to compare with.

It takes plain data, counts with fractions, and shares no code with domain/kpi. A person is
`{"cohort": code, "sales": bool, "entered_on": day, "lives": [day], "left_on": day | None,
"trials": [(day, bool)],
"orders": [{"on": day, "voided_on": day | None, "reassigned_on": day | None}]}`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

DEFAULTS = {
    "window_days": 30,
    "leaver_cutoff": "window_close",
    "kpi_month": "went_live",
    "regolive": "first",
}


@dataclass
class Reference:
    entered: int
    went_live: int
    employed: int
    order_rate: Fraction | None
    average_orders: Fraction | None
    trial_pass_rate: Fraction | None
    trial_pass_rate_of_entered: Fraction | None
    floor: Fraction | None
    ceiling: Fraction | None
    is_final: bool
    final_on: date | None


def rules_for(schemes: list[tuple[str, dict[str, Any]]], day: date) -> dict[str, Any]:
    """schemes: (YYYY-MM, rules) in any order; before the first the defaults hold."""
    month = f"{day.year:04d}-{day.month:02d}"
    in_force = DEFAULTS
    for effective_from, rules in sorted(schemes, key=lambda scheme: scheme[0]):
        if effective_from <= month:
            in_force = DEFAULTS | rules
    return in_force


def placed(
    person: dict[str, Any], today: date, schemes: Any
) -> tuple[str, date, date, dict] | None:
    """The month, first and last counted day, and the rules that score; None if not yet live."""
    lives = sorted(day for day in person["lives"] if day <= today)
    if not lives or not person["sales"]:
        return None
    first_day = lives[0]
    if rules_for(schemes, first_day)["regolive"] == "latest":
        first_day = lives[-1]
    rules = rules_for(schemes, first_day)
    belongs = first_day
    if rules["kpi_month"] == "window_close":
        belongs = first_day + timedelta(days=rules["window_days"]) - timedelta(days=1)
    scoring = rules_for(schemes, belongs)
    counted_days = [first_day + timedelta(days=n) for n in range(scoring["window_days"])]
    return belongs.strftime("%Y-%m"), counted_days[0], counted_days[-1], scoring


def of_month(people: list[dict[str, Any]], month: str, today: date, schemes: Any) -> list[Any]:
    """Who is in a month (YYYY-MM): by the own go-live, else by the batch's, else by entering.

    A person's batch is `person["cohort"]`.
    """
    places = [placed(person, today, schemes) for person in people]
    group = []
    for person, place in zip(people, places, strict=True):
        peers = [
            other_place[0]
            for other, other_place in zip(people, places, strict=True)
            if other_place and other["cohort"] == person["cohort"]
        ]
        belongs = person["entered_on"].strftime("%Y-%m")
        if place:
            belongs = place[0]
        elif peers:
            most = max(peers.count(one) for one in peers)
            belongs = min(one for one in peers if peers.count(one) == most)
        if belongs == month:
            group.append(person)
    return group


def fraction(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None


def reference(
    people: list[dict[str, Any]], today: date, schemes: list[tuple[str, dict[str, Any]]]
) -> Reference:
    entered = live = employed = ordered = safe = hopeful = orders_total = 0
    passed = judged = people_passed = 0
    last_days = []
    for person in people:
        if not person["sales"]:
            continue
        place = placed(person, today, schemes)
        if place is None and person["entered_on"] > today:
            continue
        entered += 1
        verdicts = [verdict for day, verdict in person["trials"] if day <= today]
        judged += len(verdicts)
        passed += verdicts.count(True)
        people_passed += True in verdicts
        if place is None:
            continue
        _, first_day, last_day, rules = place
        live += 1
        last_days.append(last_day)
        open_window = today < last_day
        cutoff = today
        if rules["leaver_cutoff"] == "window_close":
            cutoff = min(last_day, today)
        stays = person["left_on"] is None or person["left_on"] > cutoff
        valid = 0
        for order in person["orders"]:
            inside = first_day <= order["on"] <= min(last_day, today)
            gone = [
                day for day in (order["voided_on"], order["reassigned_on"]) if day and day <= today
            ]
            if inside and not gone:
                valid += 1
        orders_total += valid
        if stays:
            employed += 1
            if valid:
                ordered += 1
                if not open_window:
                    safe += 1
            elif open_window:
                hopeful += 1
    return Reference(
        entered=entered,
        went_live=live,
        employed=employed,
        order_rate=fraction(ordered, live),
        average_orders=fraction(orders_total, live),
        trial_pass_rate=fraction(passed, judged),
        trial_pass_rate_of_entered=fraction(people_passed, entered),
        floor=fraction(safe, live),
        ceiling=fraction(ordered + hopeful, live),
        is_final=live > 0 and all(day <= today for day in last_days),
        final_on=max(last_days) if last_days else None,
    )
