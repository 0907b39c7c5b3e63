"""The classes of the batches (S31 to S34), and who answers for a batch (S14).

Kinds of facts, beside those of tests/oracle/known.py; `batch` is a cohort's code:

    batch opened    batch, training_manager, on   handed over      batch, training_manager, on
    batch opened corrected    batch, perhaps training_manager, perhaps on
    handed over corrected     batch, was_on, training_manager, on
    handover withdrawn        batch, was_on: of those of the day the one recorded last
    batch withdrawn           batch
    class planned   session, batch, planned_on, topics
    class replanned session, planned_on, topics, on: the day of the approval
    class opened, class ended, class summed up    session, on; ended: topics, those taught
    … corrected     the same again                class cancelled  session, on
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Fact = dict[str, Any]
Share = tuple[int, int]
"""What one person or class gives to the numerator and to the denominator."""


@dataclass
class Class:
    """The facts about one class; plans: the first and the approved ones, in order of recording."""

    session: str
    batch: str
    plans: list[Fact]
    opened: Fact | None = None
    ended: Fact | None = None
    summed_up: Fact | None = None
    cancelled: Fact | None = None

    def happened(self, what: str, day: date) -> Fact | None:
        """The fact of that name, if its day had come."""
        fact: Fact | None = getattr(self, what)
        return fact if fact and fact["on"] <= day else None

    def plan_on(self, day: date) -> Fact:
        """As last approved; what was approved after the opening changes no plan."""
        until = min(day, self.opened["on"]) if self.opened else day
        first, *approved = self.plans
        known = sorted(
            (plan for plan in approved if plan["on"] <= until), key=lambda plan: plan["on"]
        )
        return known[-1] if known else first

    def is_due(self, day: date) -> bool:
        """It opened, or its planned day came before it was called off."""
        planned_on = self.plan_on(day)["planned_on"]
        cancelled = self.happened("cancelled", day)
        called_off = cancelled is not None and cancelled["on"] <= planned_on
        return bool(self.happened("opened", day)) or (planned_on <= day and not called_off)


@dataclass
class Teaching:
    """classes by session; answering by batch: the facts of who answers for it."""

    classes: dict[str, Class] = field(default_factory=dict)
    answering: dict[str, list[Fact]] = field(default_factory=dict)

    def learn(self, fact: Fact) -> None:
        kind = fact["kind"].removesuffix(" corrected")
        if kind in ("batch opened", "handed over", "handover withdrawn"):
            self._learn_who_answers(fact)
        elif kind == "batch withdrawn":
            del self.answering[fact["batch"]]
        elif kind == "class planned":
            self.classes[fact["session"]] = Class(fact["session"], fact["batch"], [fact])
        elif kind == "class replanned":
            self.classes[fact["session"]].plans.append(fact)
        else:
            setattr(self.classes[fact["session"]], NAMES[kind], fact)

    def _learn_who_answers(self, fact: Fact) -> None:
        its = self.answering.setdefault(fact["batch"], [])
        if fact["kind"] in ("batch opened", "handed over"):
            its.append(dict(fact))
        elif fact["kind"] == "batch opened corrected":
            its[0].update(_who_and_when(fact))
        else:
            meant = max(at for at, one in enumerate(its) if at and one["on"] == fact["was_on"])
            if fact["kind"] == "handover withdrawn":
                del its[meant]
            else:
                its[meant].update(_who_and_when(fact))

    def answers_for(self, batch: str, day: date) -> str | None:
        """Who answers for a batch on the evening of a day; nobody before it is opened."""
        facts = sorted(self.answering.get(batch, []), key=lambda fact: fact["on"])
        known = [fact for fact in facts if fact["on"] <= day]
        return known[-1]["training_manager"] if known else None

    def answered_for(self, batch: str, day: date, evening: date) -> str | None:
        """Who answered for a batch on a day, as things stood on the evening of another.

        For a day before the batch was opened that is who opened it.
        """
        opening = self.answering.get(batch, [])[:1]
        day = max([day, *(fact["on"] for fact in opening)])
        return self.answers_for(batch, day) if day <= evening else None


def _who_and_when(fact: Fact) -> Fact:
    return {name: fact[name] for name in ("training_manager", "on") if name in fact}


NAMES = {
    "class opened": "opened",
    "class ended": "ended",
    "class summed up": "summed_up",
    "class cancelled": "cancelled",
}


def opened_on_time(one: Class, day: date, rules: dict[str, Any]) -> Share:
    if not one.is_due(day):
        return 0, 0
    opened = one.happened("opened", day)
    return int(opened is not None and opened["on"] <= one.plan_on(day)["planned_on"]), 1


def summary_written(one: Class, day: date, rules: dict[str, Any]) -> Share:
    """Due so many days after the end; one that is written is judged before that."""
    ended, written = one.happened("ended", day), one.happened("summed_up", day)
    if ended is None:
        return 0, 0
    due_on = ended["on"] + timedelta(days=rules["summary_days"])
    if written is not None:
        return int(written["on"] <= due_on), 1
    return 0, int(due_on <= day)


def plan_kept(one: Class, day: date, rules: dict[str, Any]) -> Share:
    """Judged when it has ended, or as soon as it has moved too far."""
    if not one.is_due(day):
        return 0, 0
    plan, ended = one.plan_on(day), one.happened("ended", day)
    opened = one.happened("opened", day)
    took_place = opened["on"] if opened else day
    moved = abs((took_place - plan["planned_on"]).days) > rules["moved_days"]
    dropped = ended is not None and bool(set(plan["topics"]) - set(ended["topics"]))
    return int(ended is not None and not moved and not dropped), int(ended is not None or moved)


CLASS_RATES: dict[str, Callable[[Class, date, dict[str, Any]], Share]] = {
    "class_opened_on_time": opened_on_time,
    "summary_written": summary_written,
    "plan_kept": plan_kept,
}
