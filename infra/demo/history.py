"""Two years of a demo partner as commands: a fixed seed, shaped like the trade, up to today.

What happens to a person or in a class follows from the seed, the partner, the batch and its number
alone; today only says how much of it has happened yet. Most classes are held as planned, some late,
some changed or cut short.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from domain.kernel.values import Month
from infra.demo.trade import DemoPartner, DemoTexts, seeded
from services.teaching.cohort import HandOverCohort, OpenCohort
from services.teaching.session import (
    ApprovePlanChange,
    CloseSession,
    OpenSession,
    PlanSession,
    WriteSummary,
)
from services.trainees.selling import FileComplaint, RecordOrder, VoidOrder
from services.trainees.trainee import (
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordSpotCheck,
    RecordTrialVerdict,
)

MONTHS = 24
BATCH = (8, 30)
DAYS_APART = 3
SELLS_FOR = 75
"""Days after the go-live for which orders are made up; the window is 30."""

DatedCommand = tuple[date, msgspec.Struct]
"""A command and the day of what it says."""


class Batch(msgspec.Struct, frozen=True):
    """A batch and, for each of its people and classes, the commands in order.

    handover: where it changes hands in the middle.
    """

    opening: OpenCohort
    people: list[list[msgspec.Struct]]
    classes: list[list[msgspec.Struct]]
    handover: list[HandOverCohort]

    @property
    def sellers(self) -> Iterator[str]:
        """The numbers of those who have orders and have not left."""
        for enrolment, *its in self.people:
            kinds = {type(one) for one in its} & {RecordOrder, RecordLeaving}
            if isinstance(enrolment, EnrolTrainee) and kinds == {RecordOrder}:
                yield enrolment.employee_no


def batches(partner: DemoPartner, words: DemoTexts, today: date) -> Iterator[Batch]:
    """The partner's batches of the last MONTHS months, the current one included."""
    month = Month.of(today).next(1 - MONTHS)
    while month.first_day <= today:
        yield from _batches_of(partner, words, month, today)
        month = month.next()


def _batches_of(
    partner: DemoPartner, words: DemoTexts, month: Month, today: date
) -> Iterator[Batch]:
    rng = seeded(partner.code, month)
    opening_days = [month.first_day]
    if rng.random() < 0.4:
        opening_days.append(month.first_day + timedelta(days=rng.randint(12, 16)))
    for number, opened_on in enumerate(opening_days, start=1):
        size = min(max(round(rng.gauss(16, 5)), BATCH[0]), BATCH[1])
        if opened_on > today:
            continue
        code = f"{partner.letters}{month.year % 100:02d}{month.month:02d}-{number}"
        name = f"{month.year}年{month.month}月第{number}期"
        people = [
            _up_to(today, _Person(partner, words, code, opened_on, n).lines)
            for n in range(1, size + 1)
        ]
        classes = [
            _up_to(today, _class(words, code, topics, opened_on, size, number))
            for number, topics in enumerate(words.classes)
        ]
        yield Batch(
            OpenCohort(code, name, opened_on, partner.trial_required, partner.manager),
            people,
            classes,
            _handover(partner, code, opened_on, today),
        )


def _up_to(today: date, lines: list[DatedCommand]) -> list[msgspec.Struct]:
    """The commands up to today, in the order of their days."""
    return [command for on, command in sorted(lines, key=lambda line: line[0]) if on <= today]


def _handover(
    partner: DemoPartner, code: str, opened_on: date, today: date
) -> list[HandOverCohort]:
    rng = seeded(code, "handover")
    on = opened_on + timedelta(days=rng.randint(14, 28))
    handed_over = rng.random() < 0.15 and on <= today
    return [HandOverCohort(code, partner.deputy, on)] if handed_over else []


class _Person:
    """The history of one person as commands; `day(n)` is n days after the batch opened."""

    def __init__(
        self, partner: DemoPartner, words: DemoTexts, cohort: str, opened_on: date, number: int
    ) -> None:
        self.partner, self.words = partner, words
        self.rng = seeded(cohort, number)
        self.cohort, self.opened_on = cohort, opened_on
        self.no = f"{cohort.replace('-', '')}{number:02d}"
        self.lines: list[DatedCommand] = []
        self._live_through()

    def _live_through(self) -> None:
        rng = self.rng
        special = rng.random() < 0.06
        self._enrol(special)
        if rng.random() < 0.09:
            self._leave(self.day(rng.randint(2, 9)))
            return
        ready = self._examined()
        if ready is None:
            self._give_up(self.day(rng.randint(16, 22)))
            return
        live_on = ready + timedelta(days=1)
        self._record(live_on, GoLive)
        left_on = self._leaving(live_on)
        if not special:
            self._sell(live_on, left_on)
            self._check(live_on, left_on)

    def _enrol(self, special: bool) -> None:
        rng, words = self.rng, self.words
        enrolment = EnrolTrainee(
            cohort=self.cohort,
            employee_no=self.no,
            name=rng.choice(words.surnames) + rng.choice(words.given),
            entered_on=self.opened_on,
            post=rng.choice(words.special_posts) if special else "sales",
            manager=rng.choice(self.partner.managers),
            phone=f"1{rng.choice('3578')}00000{rng.randrange(10_000):04d}",
        )
        self.lines.append((self.opened_on, enrolment))

    def _examined(self) -> date | None:
        """The day on which everything was passed; None if it never was."""
        days = [
            self._passed(self.day(8), (0.82, 0.85), 3, partial(self._exam, "written")),
            self._passed(self.day(9), (0.93, 0.85), 2, partial(self._exam, "drill")),
            self._passed(self.day(11), (0.86, 0.75), 4, self._trial),
        ]
        passed = [day for day in days if day is not None]
        return max(passed) if len(passed) == len(days) else None

    def _passed(
        self, day: date, chances: tuple[float, ...], again: int, take: Callable[[date, bool], None]
    ) -> date | None:
        """The day on which it was passed, first tried on `day` and `again` days after a failure."""
        for chance in chances:
            passed = self.rng.random() < chance
            take(day, passed)
            if passed:
                return day
            day += timedelta(days=again)
        return None

    def _exam(self, kind: str, day: date, passed: bool) -> None:
        score = Decimal(self.rng.randint(60, 98) if passed else self.rng.randint(38, 59))
        self._record(day, RecordExamResult, kind=kind, passed=passed, score=score)

    def _trial(self, day: date, passed: bool) -> None:
        verdict, said = "failed", self.words.trial_failed
        if passed:
            verdict, said = "passed", self.words.trial_passed
        self._record(day, RecordTrialVerdict, verdict=verdict, feedback=self.rng.choice(said))

    def _leaving(self, live_on: date) -> date | None:
        """A good tenth leaves inside the window, as many again in the two months after it."""
        chance = self.rng.random()
        if chance > 0.27:
            return None
        days = self.rng.randint(3, 29) if chance < 0.12 else self.rng.randint(30, 90)
        left_on = live_on + timedelta(days=days)
        self._leave(left_on)
        return left_on

    def _sell(self, live_on: date, left_on: date | None) -> None:
        rng, skill = self.rng, self.partner.skill
        slow = 3.0 if rng.random() < 0.25 else 1.0
        waited = rng.gammavariate(2.2, 4.1 * slow / skill)
        last = live_on + timedelta(days=SELLS_FOR)
        number = 0
        while (on := live_on + timedelta(days=int(waited))) <= min(last, left_on or last):
            number += 1
            self._close(f"{self.no}-{number:02d}", on)
            waited += 1 + rng.gammavariate(2.0, 9.0 * slow / skill)

    def _close(self, order_no: str, on: date) -> None:
        rng = self.rng
        product = rng.choice(self.words.products)
        amount = product.price * rng.choice((1, 1, 1, 2, 3))
        self.lines.append((on, RecordOrder(self.no, order_no, on, product.name, amount)))
        if rng.random() < 0.04:
            voided_on = on + timedelta(days=rng.randint(1, 9))
            reason = rng.choice(self.words.voiding)
            self.lines.append((voided_on, VoidOrder(order_no, voided_on, reason)))

    def _check(self, live_on: date, left_on: date | None) -> None:
        """Most are spot-checked in their window, not all with written feedback; few complained of.

        Dice of its own, so that the rest of the story stays what it was.
        """
        rng, last = seeded(self.no, "after the go-live"), left_on or date.max
        for topic, chance in (("basics", 0.85), ("rules", 0.6)):
            on = live_on + timedelta(days=rng.randint(4, 24))
            feedback = rng.choice(self.words.checking) if rng.random() < 0.9 else None
            if rng.random() < chance and on <= last:
                passed = rng.random() < 0.8
                self._record(on, RecordSpotCheck, topic=topic, passed=passed, feedback=feedback)
        on = live_on + timedelta(days=rng.randint(6, 60))
        if rng.random() < 0.05 and on <= last:
            about = rng.choice(self.words.complaints)
            self._record(on, FileComplaint, complaint_no=f"{self.no}-T", about=about)

    def _give_up(self, on: date) -> None:
        """Eliminates a person who never passed, or lets the person leave before that."""
        rng = seeded(self.no, "never passed")
        if rng.random() < 0.6:
            reason = rng.choice(self.words.trial_failed)
            self._record(on, EliminateTrainee, reason=reason)
        else:
            self._leave(on)

    def _leave(self, on: date) -> None:
        self._record(on, RecordLeaving, reason=self.rng.choice(self.words.leaving))

    def _record(self, day: date, command: Any, /, **said: Any) -> None:
        self.lines.append((day, command(employee_no=self.no, on=day, **said)))

    def day(self, after: int) -> date:
        return self.opened_on + timedelta(days=after)


def _class(
    words: DemoTexts, cohort: str, topics: list[str], opened_on: date, size: int, number: int
) -> list[DatedCommand]:
    rng = seeded(cohort, "class", number)
    code = f"{cohort}-K{number + 1}"
    planned_on = opened_on + timedelta(days=DAYS_APART * number)
    dated: list[DatedCommand] = [(opened_on, PlanSession(cohort, code, planned_on, topics))]
    if number and rng.random() < 0.12:
        approved_on = planned_on - timedelta(days=1)
        planned_on += timedelta(days=rng.randint(2, 3))
        reason = rng.choice(words.replanning)
        change = ApprovePlanChange(code, planned_on, topics, approved_on, reason)
        dated.append((approved_on, change))
    (late,) = rng.choices((0, 1, 2, 3), weights=(84, 9, 4, 3))
    held_on = planned_on + timedelta(days=late)
    there = max(1, size - rng.randint(0, 2))
    dated.append((held_on, OpenSession(code, held_on, there)))
    ended_on = held_on + timedelta(days=1)
    taught = topics[:-1] if len(topics) > 1 and rng.random() < 0.06 else topics
    stayed = max(1, there - rng.randint(0, 1))
    dated.append((ended_on, CloseSession(code, ended_on, taught, stayed)))
    if rng.random() < 0.94:
        days = rng.randint(0, 3) if rng.random() < 0.88 else rng.randint(4, 7)
        written_on = ended_on + timedelta(days=days)
        dated.append((written_on, WriteSummary(code, written_on, rng.choice(words.summaries))))
    return dated
