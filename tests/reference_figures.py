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
    "leaver_rule": "excluded",
    "denominator": "went_live",
    "trial_denominator": "judged",
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
    base = floor_base = trials_good = trials_base = 0
    people_passed = 0
    last_days = []
    for person in people:
        if not person["sales"]:
            continue
        place = placed(person, today, schemes)
        if place is None and person["entered_on"] > today:
            continue
        entered += 1
        verdicts = [verdict for day, verdict in person["trials"] if day <= today]
        people_passed += True in verdicts
        scoring = place[3] if place else rules_for(schemes, today)
        if scoring["trial_denominator"] == "entered":
            trials_base += 1
            trials_good += True in verdicts
        else:
            trials_base += len(verdicts)
            trials_good += verdicts.count(True)
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
        leavers_count = rules["leaver_rule"] == "counted"
        counts = valid > 0 and (stays or leavers_count)
        ordered += counts
        safe += counts and (leavers_count or not open_window)
        employed += stays
        hopeful += stays and open_window and not valid
        in_base = stays or rules["denominator"] == "went_live"
        base += in_base
        # Who counts, may yet leave and would then be in neither, is in the worst case gone.
        droppable = rules["denominator"] == "employed" and counts and open_window
        floor_base += leavers_count if droppable else in_base
    return Reference(
        entered=entered,
        went_live=live,
        employed=employed,
        order_rate=fraction(ordered, base),
        average_orders=fraction(orders_total, base),
        trial_pass_rate=fraction(trials_good, trials_base),
        trial_pass_rate_of_entered=fraction(people_passed, entered),
        floor=fraction(safe, floor_base),
        ceiling=fraction(ordered + hopeful, base),
        is_final=live > 0 and all(day <= today for day in last_days),
        final_on=max(last_days) if last_days else None,
    )
