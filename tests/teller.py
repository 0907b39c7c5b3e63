"""Turns what is drawn of a random history (tests/histories.py) into named steps, always the same.

The teller remembers what it told, so that a correction finds something to correct. Days are out of
order, some long past when they are told; a part of it will be refused, which is life too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from tests import batches as b
from tests import follow_ups as f
from tests import situation as s
from tests.situation import NAMES, START, TOPICS, Paper
from tests.staff import staff_moves
from tests.steps import Step

MANAGERS = ("王主管", "赵主管", None)
TEACHERS = ("陈经理", "李经理")
FAR = (0, 0, 0, 1, 2, -1, -2, 3, -4, 5, 7, -7, -12, 9, 12, -20)
"""Days by which a step may lie off its turn."""

Steps = Iterator[Step]
T = TypeVar("T")


class Draw(NamedTuple):
    """The numbers of a step. kind: among the kinds. far: among FAR. variant: from 0 to 7."""

    kind: int
    person: int
    far: int
    variant: int


class Teller:
    """Tells one history; remembers whom and what it told of."""

    def __init__(self, people: int, pace: int, kinds: Sequence[str]) -> None:
        self.people, self.pace, self.kinds = people, pace, kinds
        self.entered: dict[str, date] = {}
        self.left_behind: list[tuple[str, date]] = []
        self.verdicts: dict[str, list[date]] = {}
        self.exams: dict[str, list[tuple[Paper, date]]] = {}
        self.lives: dict[str, list[date]] = {}
        self.gaps: dict[str, list[tuple[date, date]]] = {}
        self.orders: list[tuple[str, date]] = []
        self.sellers: dict[str, str] = {}
        self.complaints: list[str] = []
        self.classes: list[str] = []
        self.handovers: list[tuple[str, date]] = []
        self.follow_ups: list[str] = []

    def tell(self, draws: Iterable[Draw]) -> Steps:
        yield s.batch_opened("A1", training_manager=TEACHERS[0])
        yield s.batch_opened("B2", name="二期", trial_required=True)
        for person in range(self.people):
            yield self.enrolment(person, START + timedelta(days=person * 3 - 4), person)
        for number, draw in enumerate(draws):
            kind = self.kinds[draw.kind]
            # A new enrolment may be of somebody who is not there yet.
            person = draw.person if kind == "enrol" else draw.person % self.people
            day = START + timedelta(days=10 + self.pace * number + FAR[draw.far])
            yield from getattr(self, kind)(f"E{person}", day, draw.variant)

    def enrolment(self, person: int, on: date, variant: int) -> Step:
        self.entered[f"E{person}"] = on
        return s.enrolled(
            f"E{person}",
            cohort=_batch(variant),
            on=on,
            name=NAMES[person],
            post={6: "unknown", 7: "customer_service"}.get(variant, "sales"),
            manager=MANAGERS[variant % 3],
            phone="13800000000" if variant % 3 else None,
        )

    def enrol(self, who: str, day: date, variant: int) -> Steps:
        yield self.enrolment(int(who[1:]), day, variant)

    def trial(self, who: str, day: date, variant: int) -> Steps:
        self.verdicts.setdefault(who, []).append(day)
        yield s.judged(who, passed=variant < 6, on=day)

    def exam(self, who: str, day: date, variant: int) -> Steps:
        paper: Paper = "written" if variant % 2 else "drill"
        self.exams.setdefault(who, []).append((paper, day))
        yield s.examined(who, paper, passed=variant > 2, on=day, score=60 + variant)

    def miss(self, who: str, day: date, variant: int) -> Steps:
        paper: Paper = "written" if variant < 6 else "drill"
        self.exams.setdefault(who, []).append((paper, day))
        yield s.makeup_missed(who, paper, on=day)

    def live(self, who: str, day: date, variant: int) -> Steps:
        before = day - timedelta(days=variant % 3)
        papers: tuple[Paper, ...] = ("written", "drill")
        self.exams.setdefault(who, []).extend((paper, before) for paper in papers)
        yield s.passed_gate(who, on=before)
        if variant < 3:
            yield from self.trial(who, before, 0)
        self.lives.setdefault(who, []).append(day)
        yield s.went_live(who, on=day)

    def hold(self, who: str, day: date, variant: int) -> Steps:
        yield s.held_off(who, on=day)
        if variant:
            again = day + timedelta(days=variant)
            self.lives.setdefault(who, []).append(again)
            yield s.went_live(who, on=again)

    def check(self, who: str, day: date, variant: int) -> Steps:
        topic, feedback = ("rules", "basics")[variant % 2], "不熟" if variant < 5 else None
        yield s.spot_checked(who, topic, passed=variant > 2, on=day, feedback=feedback)

    def order(self, who: str, day: date, variant: int) -> Steps:
        no = f"N{len(self.orders)}"
        self.orders.append((no, day))
        self.sellers[no] = who
        product = "宽带" if variant % 2 else None
        yield s.ordered(who, no, on=day, product=product, amount=_amount(variant))

    def void(self, who: str, day: date, variant: int) -> Steps:
        yield s.order_voided(self.some_order(variant)[0], on=day)

    def reassign(self, who: str, day: date, variant: int) -> Steps:
        yield s.order_reassigned(self.some_order(variant)[0], to=who, on=day)

    def correct_order(self, who: str, day: date, variant: int) -> Steps:
        no, was = self.some_order(variant)
        yield s.order_corrected(no, on=was if variant == 7 else day, amount=_amount(variant % 3))

    def leave(self, who: str, day: date, variant: int) -> Steps:
        yield s.left(who, on=day)

    def eliminate(self, who: str, day: date, variant: int) -> Steps:
        yield s.eliminated(who, on=day)

    def correct_leaving(self, who: str, day: date, variant: int) -> Steps:
        yield s.leaving_corrected(who, on=day)

    def withdraw(self, who: str, day: date, variant: int) -> Steps:
        """One of the first facts, or seldom as many as can be, the last ones first."""
        facts = range(20, 0, -1) if variant == 7 else [1 + day.toordinal() % 12]
        for fact in facts:
            yield s.withdrawn(who, fact)

    def rejoin(self, who: str, day: date, variant: int) -> Steps:
        """Says a post in two of the variants; in the others it is the last one."""
        self.left_behind.append((who, self.entered[who]))
        self.entered[who] = day
        said = {
            "post": {3: "sales", 6: "customer_service"}.get(variant),
            "manager": MANAGERS[variant % 3],
            "name": f"改{who}" if variant % 4 == 1 else None,
        }
        yield s.rejoined(who, cohort=_batch(variant), on=day, **said)

    def correct_before(self, who: str, day: date, variant: int) -> Steps:
        """The post of a stay that somebody came back after had been recorded wrong, or changed."""
        who, entered = _some(self.left_behind, variant // 2, (who, START))
        post = ("customer_service", "channel_assistant", "sales", "sales")[variant % 4]
        if variant % 2:
            yield s.post_changed(who, to=post, on=entered + timedelta(days=variant))
        else:
            yield s.enrolment_corrected(who, was=entered, post=post)

    def transfer(self, who: str, day: date, variant: int) -> Steps:
        yield s.transferred(who, to=_batch(variant), on=day)

    def manager(self, who: str, day: date, variant: int) -> Steps:
        yield s.manager_changed(who, to=MANAGERS[variant % 3], on=day)

    def post(self, who: str, day: date, variant: int) -> Steps:
        to = ("customer_service", "sales")[variant % 2]
        yield s.post_changed(who, to=to, on=day)

    def complain(self, who: str, day: date, variant: int) -> Steps:
        self.complaints.append(f"C{len(self.complaints)}")
        yield s.complaint_filed(who, self.complaints[-1], on=day)

    def withdraw_complaint(self, who: str, day: date, variant: int) -> Steps:
        yield s.complaint_withdrawn(_some(self.complaints, variant, "C0"), on=day)

    def correct_enrolment(self, who: str, day: date, variant: int) -> Steps:
        entered = START + timedelta(days=variant - 6)
        if variant % 2 == 0:
            yield s.enrolment_corrected(who, on=entered if variant < 6 else None)
        else:
            yield s.enrolment_corrected(
                who,
                manager=(None, "", "王主管", "赵主管")[variant // 2],
                post="customer_service" if variant == 7 else "sales",
            )

    def correct_trial(self, who: str, day: date, variant: int) -> Steps:
        was = _some(self.verdicts.get(who, []), variant // 2, day)
        on = was + timedelta(days=variant - 4)
        self.verdicts.setdefault(who, []).append(on)
        yield s.trial_corrected(who, was=was, on=on, passed=variant % 2 == 1)

    def correct_exam(self, who: str, day: date, variant: int) -> Steps:
        paper, was = _some(self.exams.get(who, []), variant // 2, ("written", day))
        on = was + timedelta(days=variant - 4)
        self.exams.setdefault(who, []).append((paper, on))
        score = None if variant < 3 else variant * 10
        yield s.exam_corrected(who, paper, was=was, on=on, passed=variant % 2 == 0, score=score)

    def correct_live(self, who: str, day: date, variant: int) -> Steps:
        was = _some(self.lives.get(who, []), variant // 4, day)
        on = was + timedelta(days=variant - 3)
        self.lives.setdefault(who, []).append(on)
        yield s.go_live_corrected(who, was=was, on=on)

    def follow_up(self, who: str, day: date, variant: int) -> Steps:
        """Noted in half of the variants, with an action in most of them; dropped in two, in one of
        these by mistake."""
        self.follow_ups.append(f"F{len(self.follow_ups)}")
        code = self.follow_ups[-1]
        yield f.follow_up_opened(who, code, on=day)
        if variant % 2:
            yield f.follow_up_noted(code, on=day)
        if variant > 2:
            yield f.action_agreed(code, on=day, due=day + timedelta(days=variant))
        if variant > 5:
            yield f.follow_up_dropped(code, on=day)
        if variant > 6:
            yield f.follow_up_end_withdrawn(code)

    def change_follow_up(self, who: str, day: date, variant: int) -> Steps:
        code = _some(self.follow_ups, variant // 4, "F0")
        if variant % 4 == 0:
            yield f.action_corrected(code, on=day, due=day + timedelta(days=variant))
        elif variant % 4 == 1:
            yield f.action_done(code, on=day)
        elif variant % 4 == 2:
            yield f.follow_up_dropped(code, on=day)
        else:
            yield f.follow_up_end_withdrawn(code)

    def plan_class(self, who: str, day: date, variant: int) -> Steps:
        """Opened at once in half of the variants, and held to its end in two of them."""
        self.classes.append(f"K{len(self.classes)}")
        code, planned = self.classes[-1], day + timedelta(days=variant - 3)
        topics = TOPICS[: 1 + variant % 3]
        yield s.class_planned(code, cohort=_batch(variant), on=planned, topics=topics)
        if variant % 2 == 0:
            yield s.class_opened(code, on=day, headcount=9)
        if variant in (2, 6):
            yield s.class_closed(code, on=day, topics=topics)
            yield s.class_summed_up(code, on=day)

    def change_class(self, who: str, day: date, variant: int) -> Steps:
        code = self.some_class(variant // 4)
        if variant % 4 == 3:
            yield s.class_cancelled(code, on=day)
        else:
            to, topics = day + timedelta(days=variant), TOPICS[: 1 + variant % 3]
            yield s.plan_changed(code, to=to, approved=day, topics=topics)

    def teach_class(self, who: str, day: date, variant: int) -> Steps:
        code = self.some_class(variant // 4)
        yield s.class_opened(code, on=day)
        ended = day + timedelta(days=variant % 3)
        yield s.class_closed(code, on=ended, topics=TOPICS[variant % 2 :])
        if variant > 5:
            yield s.class_summed_up(code, on=ended + timedelta(days=variant - 4))

    def sum_up_class(self, who: str, day: date, variant: int) -> Steps:
        yield s.class_summed_up(self.some_class(variant // 4), on=day)

    def correct_class(self, who: str, day: date, variant: int) -> Steps:
        code = self.some_class(variant // 6)
        if variant % 3 == 0:
            yield s.opening_corrected(code, on=day, headcount=9)
        elif variant % 3 == 1:
            yield s.closing_corrected(code, on=day, topics=TOPICS[: variant // 3 + 1])
        else:
            yield s.summary_corrected(code, on=day, text="录错")

    def hand_over(self, who: str, day: date, variant: int) -> Steps:
        self.handovers.append((_batch(variant), day))
        yield s.batch_handed_over(_batch(variant), to=TEACHERS[variant // 4], on=day)

    def change_batch(self, who: str, day: date, variant: int) -> Steps:
        batch, was_on = _some(self.handovers, variant, ("A1", START))
        teacher = TEACHERS[variant // 4]
        if variant == 7:
            yield s.batch_opened("C3", on=day, training_manager=teacher)
            yield b.batch_withdrawn("C3")
        elif variant % 3 == 0:
            yield b.batch_corrected(batch, on=day, training_manager=teacher)
        elif variant % 3 == 1:
            yield b.handover_corrected(batch, was_on=was_on, to=teacher, on=day)
        else:
            yield b.handover_withdrawn(batch, was_on=was_on)

    def staff(self, who: str, day: date, variant: int) -> Steps:
        yield from staff_moves(int(who[1:]), day, variant)

    def publish_scheme(self, who: str, day: date, variant: int) -> Steps:
        month = f"2025-{START.month + int(who[1:]):02d}"
        yield s.scheme_published(month, window_days=30 + 30 * (variant % 4))

    def submit(self, who: str, day: date, variant: int) -> Steps:
        yield s.figures_submitted(f"2025-{START.month + variant % 2:02d}")

    def come_back(self, who: str, day: date, variant: int) -> Steps:
        """Leaves, rejoins within two weeks, and goes live once more in most of the variants."""
        again = day + timedelta(days=1 + 2 * variant)
        self.gaps.setdefault(who, []).append((day, again))
        yield s.left(who, on=day)
        yield from self.rejoin(who, again, variant)
        if variant < 6:
            yield from self.live(who, again + timedelta(days=variant), variant)

    def look_back(self, who: str, day: date, variant: int) -> Steps:
        """What happened before somebody came back, or while nobody was there, is recorded now."""
        last_day, again = _some(self.gaps.get(who, []), variant // 6, (day, day))
        on = again - timedelta(days=1) if variant == 7 else last_day - timedelta(days=variant)
        yield from (self.order, self.trial, self.exam, self.manager)[variant % 4](who, on, variant)

    def correct_stay(self, who: str, day: date, variant: int) -> Steps:
        """The end of a stay, or the beginning of the one after it, had been recorded wrong."""
        last_day, again = _some(self.gaps.get(who, []), variant // 4, (day, day))
        moved = timedelta(days=variant - 3)
        if variant % 2:
            self.gaps.setdefault(who, []).append((last_day + moved, again))
            yield s.leaving_corrected(who, was=last_day, on=last_day + moved)
        else:
            self.gaps.setdefault(who, []).append((last_day, again + moved))
            yield s.enrolment_corrected(who, was=again, on=again + moved)

    def to_and_fro(self, who: str, day: date, variant: int) -> Steps:
        no, closed_on = self.some_order(variant // 2)
        there = max(day, closed_on)
        yield s.order_reassigned(no, to=who, on=there)
        back = there + timedelta(days=variant)
        yield s.order_reassigned(no, to=self.sellers.get(no, who), on=back)

    def give_notice(self, who: str, day: date, variant: int) -> Steps:
        yield s.left(who, on=day + timedelta(days=7 * (variant + 1)))

    def some_order(self, back: int) -> tuple[str, date]:
        return _some(self.orders, back, ("N0", START))

    def some_class(self, back: int) -> str:
        return _some(self.classes, back, "K0")


def _some(told: list[T], back: int, otherwise: T) -> T:
    """One of the last that were told."""
    return told[-1 - back % len(told)] if told else otherwise


def _batch(variant: int) -> str:
    return "B2" if variant % 2 else "A1"


def _amount(variant: int) -> Decimal | None:
    return Decimal(variant) + Decimal("0.90") if variant else None
