"""A log of plain facts, told one after another: for tests of the oracle alone."""

from datetime import date, datetime, time
from typing import Any

from tests.oracle.classes import Fact
from tests.oracle.groups import Wanted, chosen
from tests.oracle.known import ZONE, known
from tests.oracle.kpis import Answer, answer, total
from tests.oracle.standing import Standing, standings


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZONE)


class Telling:
    """A partner with one batch, `A1`, that 陈经理 opened."""

    def __init__(self, opened_on: date = date(2025, 1, 1)) -> None:
        self.log: list[Fact] = []
        self.batch("A1", opened_on)

    def tell(
        self, kind: str, on: date, *, recorded: date | None = None, events: int = 1, **said: Any
    ) -> int:
        """recorded: the day on which it was, at noon; None: its own. Answers the position."""
        position = events + (self.log[-1]["position"] if self.log else 0)
        place = {"position": position, "recorded_at": noon(recorded or on)}
        self.log.append({**place, "kind": kind, "on": on, **said})
        return position

    def batch(self, code: str, on: date, head_teacher: str = "陈经理") -> None:
        self.tell("batch opened", on, batch=code, training_manager=head_teacher)

    def enrol(
        self, who: str, on: date, *, was: str | None = None, manager: str | None = "钱主管"
    ) -> None:
        """was: who it was before, for somebody who rejoins."""
        again = {} if was is None else {"was": was}
        kind = "enrolled" if was is None else "rejoined"
        self.tell(kind, on, who=who, cohort="A1", manager=manager, post="sales", **again)

    def live(self, who: str, on: date, *, entered_on: date | None = None) -> None:
        """Somebody new, from the entry to the go-live."""
        self.enrol(who, entered_on or on)
        self.tell("live", on, who=who)

    def standings(self, day: date, today: date = date.max) -> list[Standing]:
        return standings(known(self.log), day, today)

    def group(
        self,
        day: date,
        wanted: Wanted | None = None,
        today: date = date.max,
    ) -> list[Standing]:
        facts = known(self.log)
        return chosen(standings(facts, day, today), wanted or Wanted(), facts.teaching)

    def answer(
        self,
        day: date,
        today: date = date.max,
        *,
        wanted: Wanted | None = None,
    ) -> Answer:
        return answer(self.group(day, wanted, today))


def counted(group: list[Standing], share: Any) -> str:
    """As a golden case writes it: 12/18."""
    numerator, denominator = total(group, share)
    return f"{numerator}/{denominator}"
