"""Where a person stood on a day: which rules score, which days count, which orders are valid."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.classes import Teaching
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

    @property
    def report_day(self) -> date:
        """The 5th of the month after the newcomer's month."""
        year, month = map(int, self.month.split("-"))
        return date(year + month // 12, month % 12 + 1, 5)


@dataclass
class Standing:
    """A person on the evening of a day; window: None for who has not gone live.

    orders: the days of the valid orders inside the window. closed: (day, recorded on) of every
    order that the person closed, whatever became of it. today: of who asks, on which the day that
    is asked about may not be over yet.
    """

    person: Person
    day: date
    rules: dict[str, Any]
    window: Window | None
    orders: list[date]
    closed: list[tuple[date, date]]
    today: date

    def is_over(self, day: date) -> bool:
        return day < self.day or day == self.day < self.today

    @property
    def is_open(self) -> bool:
        return self.window is not None and not self.is_over(self.window.last_day)

    @property
    def counted_until(self) -> date:
        assert self.window
        return min(self.window.last_day, self.day)

    @property
    def has_left(self) -> bool:
        return self.person.left_by(self.day)

    @property
    def cutoff(self) -> date:
        """The last day on which leaving takes the person out."""
        assert self.window
        if self.rules["leaver_cutoff"] == "window_close":
            return self.window.last_day
        return self.window.report_day

    @property
    def stays(self) -> bool:
        """Had not left by the cut-off."""
        return not self.person.left_by(min(self.cutoff, self.day))

    @property
    def may_drop_out(self) -> bool:
        """Leaving could still take the person out."""
        return self.window is not None and not self.is_over(self.cutoff)

    @property
    def final_on(self) -> date:
        """The last day that can still move what the person gives to the order rate."""
        assert self.window
        return max(self.window.last_day, self.cutoff)

    @property
    def attributed_on(self) -> date:
        """The day whose manager the person counts for; of who is not live, whose batch too."""
        days = [self.day]
        if self.window:
            days.append(self.window.last_day)
        if self.person.left:
            days.append(self.person.left["on"])
        return min(days)

    @property
    def manager(self) -> str | None:
        return self.person.manager_on(self.attributed_on)

    @property
    def cohort(self) -> str:
        """The go-live fixes it (S42)."""
        return self.person.cohort_on(self.window.first_day if self.window else self.attributed_on)

    def training_manager(self, teaching: Teaching) -> str | None:
        """The head teacher of the batch on the day of the go-live, or of the entry."""
        began = self.window.first_day if self.window else self.person.enrolled["on"]
        return teaching.answered_for(self.cohort, began, self.day)


def rules_for(schemes: list[tuple[str, dict[str, Any]]], day: date) -> dict[str, Any]:
    """schemes: (YYYY-MM, rules) in any order; before the first the defaults hold."""
    month = f"{day.year:04d}-{day.month:02d}"
    in_force = DEFAULTS
    for effective_from, rules in sorted(schemes, key=lambda scheme: scheme[0]):
        if effective_from <= month:
            in_force = DEFAULTS | rules
    return in_force


def window(
    person: Person, day: date, schemes: list[tuple[str, dict[str, Any]]]
) -> tuple[Window, dict[str, Any]] | None:
    """The window and the rules that score it; None if not yet live."""
    lives = sorted(live["on"] for live in person.lives if live["on"] <= day)
    if not lives:
        return None
    first_day = lives[0]
    if rules_for(schemes, first_day)["regolive"] == "latest":
        selling = [on for on in lives if person.post_on(on) == "sales"]
        first_day = (selling or lives)[-1]
    rules = rules_for(schemes, first_day)
    belongs = first_day
    if rules["kpi_month"] == "window_close":
        belongs = first_day + timedelta(days=rules["window_days"]) - timedelta(days=1)
    scoring = rules_for(schemes, belongs)
    counted = [first_day + timedelta(days=n) for n in range(scoring["window_days"])]
    return Window(belongs.strftime("%Y-%m"), counted[0], counted[-1]), scoring


def standings(facts: Known, day: date, today: date = date.max) -> list[Standing]:
    """Of everybody who has entered by the day and is a salesperson: on the go-live day, or who is
    not live on that evening or the last day."""
    found = []
    by_closer = [(facts.closer(order), order.closed) for order in facts.orders.values()]
    for person in facts.people.values():
        placed = window(person, day, facts.schemes)
        until = min(day, person.left["on"]) if person.left else day
        if person.post_on(placed[0].first_day if placed else until) != "sales":
            continue
        if placed is None and person.enrolled["on"] > day:
            continue
        opened, rules = placed or (None, rules_for(facts.schemes, day))
        closed = [
            (order["on"], order["recorded_on"])
            for closer, order in by_closer
            if closer == person.who and order["on"] <= day
        ]
        valid = valid_orders(facts, person, opened, day) if opened else []
        one = Standing(person, day, rules, opened, valid, closed, today)
        found.append(one)
    return found


def valid_orders(facts: Known, person: Person, opened: Window, until: date) -> list[date]:
    """Closed inside the window, not voided, credited to this seller at the time asked about."""
    days = []
    for order in facts.orders.values():
        day = order.closed["on"]
        voided = order.voided_on is not None and order.voided_on <= until
        inside = opened.first_day <= day <= min(opened.last_day, until)
        if inside and not voided and facts.sellers(order, until)[-1] == person.who:
            days.append(day)
    return days
