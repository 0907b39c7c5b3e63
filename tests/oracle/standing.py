"""Where a person stood on a day: which rules score, which days count, which orders are valid."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.known import Known, Person

DEFAULTS = {
    "window_days": 30,
    "leaver_cutoff": "window_close",
    "kpi_month": "went_live",
    "regolive": "first",
    "leaver_rule": "excluded",
    "denominator": "went_live",
    "trial_denominator": "judged",
    "summary_days": 3,
    "moved_days": 1,
}


@dataclass
class Window:
    """month: YYYY-MM that the newcomer belongs to. The first and the last day that count."""

    month: str
    first_day: date
    last_day: date


@dataclass
class Standing:
    """A person on the evening of a day; window: None for who has not gone live.

    orders: the days of the valid orders inside the window. closed: (day, recorded on) of every
    order that the person closed, whatever became of it.
    """

    person: Person
    today: date
    rules: dict[str, Any]
    window: Window | None
    orders: list[date]
    closed: list[tuple[date, date]]

    @property
    def is_open(self) -> bool:
        return self.window is not None and self.today < self.window.last_day

    @property
    def counted_until(self) -> date:
        assert self.window
        return min(self.window.last_day, self.today)

    @property
    def stays(self) -> bool:
        """Had not left by the cut-off."""
        at_close = self.rules["leaver_cutoff"] == "window_close"
        return not self.person.left_by(self.counted_until if at_close else self.today)


def rules_for(schemes: list[tuple[str, dict[str, Any]]], day: date) -> dict[str, Any]:
    """schemes: (YYYY-MM, rules) in any order; before the first the defaults hold."""
    month = f"{day.year:04d}-{day.month:02d}"
    in_force = DEFAULTS
    for effective_from, rules in sorted(schemes, key=lambda scheme: scheme[0]):
        if effective_from <= month:
            in_force = DEFAULTS | rules
    return in_force


def window(
    person: Person, today: date, schemes: list[tuple[str, dict[str, Any]]]
) -> tuple[Window, dict[str, Any]] | None:
    """The window and the rules that score it; None if not yet live."""
    lives = sorted(live["on"] for live in person.lives if live["on"] <= today)
    if not lives:
        return None
    first_day = lives[0]
    if rules_for(schemes, first_day)["regolive"] == "latest":
        first_day = lives[-1]
    rules = rules_for(schemes, first_day)
    belongs = first_day
    if rules["kpi_month"] == "window_close":
        belongs = first_day + timedelta(days=rules["window_days"]) - timedelta(days=1)
    scoring = rules_for(schemes, belongs)
    counted = [first_day + timedelta(days=n) for n in range(scoring["window_days"])]
    return Window(belongs.strftime("%Y-%m"), counted[0], counted[-1]), scoring


def standings(facts: Known, today: date) -> list[Standing]:
    """Of every salesperson who has entered by the day."""
    found = []
    for person in facts.people.values():
        placed = window(person, today, facts.schemes)
        if person.enrolled["post"] != "sales":
            continue
        if placed is None and person.enrolled["on"] > today:
            continue
        opened, rules = placed or (None, rules_for(facts.schemes, today))
        closed = [
            (order.closed["on"], order.closed["recorded_on"])
            for order in facts.orders.values()
            if order.closer == person.who and order.closed["on"] <= today
        ]
        valid = valid_orders(facts, person, opened, today) if opened else []
        found.append(Standing(person, today, rules, opened, valid, closed))
    return found


def valid_orders(facts: Known, person: Person, opened: Window, today: date) -> list[date]:
    """Closed inside the window, not voided, credited to this seller at the time asked about."""
    days = []
    for order in facts.orders.values():
        day = order.closed["on"]
        voided = order.voided_on is not None and order.voided_on <= today
        inside = opened.first_day <= day <= min(opened.last_day, today)
        if inside and not voided and order.seller_on(today) == person.who:
            days.append(day)
    return days
