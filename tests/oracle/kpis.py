"""The KPIs: what each person or class gives to numerator and denominator, and the fractions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.classes import CLASS_RATES, Class, Fact, Share
from tests.oracle.known import Known, Person
from tests.oracle.standing import Standing, rules_for


def entered(one: Standing) -> Share:
    return 1, 0


def went_live(one: Standing) -> Share:
    return int(one.window is not None), 0


def employed(one: Standing) -> Share:
    return int(one.window is not None and one.stays), 0


def in_base(one: Standing) -> bool:
    return one.window is not None and (one.stays or one.rules["denominator"] == "went_live")


def has_ordered(one: Standing) -> bool:
    return bool(one.orders) and (one.stays or one.rules["leaver_rule"] == "counted")


def order_rate(one: Standing) -> Share:
    return int(has_ordered(one)), int(in_base(one))


def order_rate_floor(one: Standing) -> Share:
    """Counted for good. Who may yet leave, and would then be in neither, is at worst gone."""
    leavers_count = one.rules["leaver_rule"] == "counted"
    safe = has_ordered(one) and (leavers_count or not one.may_drop_out)
    droppable = one.rules["denominator"] == "employed" and has_ordered(one) and one.may_drop_out
    return int(safe), int(leavers_count if droppable else in_base(one))


def order_rate_ceiling(one: Standing) -> Share:
    hopeful = one.window is not None and one.is_open and not one.has_left and not one.orders
    return int(has_ordered(one) or hopeful), int(in_base(one))


def average_orders(one: Standing) -> Share:
    return len(one.orders), int(in_base(one))


def verdicts(one: Standing) -> list[Fact]:
    return [trial for trial in one.person.trials if trial["on"] <= one.day]


def trial_pass_rate(one: Standing) -> Share:
    passed = [trial for trial in verdicts(one) if trial["passed"]]
    if one.rules["trial_denominator"] == "entered":
        return int(bool(passed)), 1
    return len(passed), len(verdicts(one))


def trial_pass_rate_of_entered(one: Standing) -> Share:
    return int(any(trial["passed"] for trial in verdicts(one))), 1


def trial_feedback_complete(one: Standing) -> Share:
    return sum(trial["feedback"] for trial in verdicts(one)), len(verdicts(one))


def last_passed(person: Person, paper: str, until: date) -> bool:
    """The last result up to a day; of one day's the one recorded last."""
    last = None
    for exam in sorted(person.exams, key=lambda exam: exam["on"]):
        if exam["paper"] == paper and exam["on"] <= until:
            last = exam
    return last is not None and last["passed"]


def missing_papers(person: Person, day: date) -> list[str]:
    """What keeps somebody from going live on a day."""
    return [paper for paper in ("written", "drill") if not last_passed(person, paper, day)]


def gate_respected(one: Standing) -> Share:
    if one.window is None:
        return 0, 0
    return int(not missing_papers(one.person, one.window.first_day)), 1


def spot_checks_done(one: Standing) -> Share:
    if one.window is None:
        return 0, 0
    first, last = one.window.first_day, one.counted_until
    checks = one.person.checks
    return int(any(check["feedback"] and first <= check["on"] <= last for check in checks)), 1


def complaint_rate(one: Standing) -> Share:
    if one.window is None:
        return 0, 0
    first, last = one.window.first_day, one.counted_until
    standing = [
        complaint
        for complaint in one.person.complaints.values()
        if first <= complaint["on"] <= last
        and not ("withdrawn_on" in complaint and complaint["withdrawn_on"] <= one.day)
    ]
    return int(bool(standing)), 1


def retention(days: int) -> Callable[[Standing], Share]:
    def of(one: Standing) -> Share:
        if one.window is None:
            return 0, 0
        horizon = one.window.first_day + timedelta(days=days) - timedelta(days=1)
        return int(not one.person.left_by(min(horizon, one.day))), 1

    return of


def elimination_rate(one: Standing) -> Share:
    left = one.person.left
    eliminated = left is not None and left["kind"] == "eliminated" and left["on"] <= one.day
    return int(eliminated), 1


def exam_first_pass_rate(one: Standing) -> Share:
    sat = [e for e in one.person.exams if e["paper"] == "written" and e["on"] <= one.day]
    if not sat:
        return 0, 0
    return int(sorted(sat, key=lambda exam: exam["on"])[0]["passed"]), 1


def average_exam_score(one: Standing) -> Share:
    """In hundredths of a point; who misses a makeup has 0, and it counts."""
    scores = [
        exam["score"]
        for exam in one.person.exams
        if exam["paper"] == "written" and exam["on"] <= one.day and exam["score"] is not None
    ]
    return int(100 * sum(scores)), 100 * len(scores)


def days_to_go_live(one: Standing) -> Share:
    if one.window is None:
        return 0, 0
    return (one.window.first_day - one.person.enrolled["on"]).days, 1


def nth_day(one: Standing, day: date) -> int:
    assert one.window
    return (day - one.window.first_day).days + 1


def days_to_first_order(one: Standing) -> Share:
    if not one.orders:
        return 0, 0
    return nth_day(one, min(one.orders)), 1


def orders_by_day(one: Standing) -> Share:
    return sum(nth_day(one, day) for day in one.orders), len(one.orders)


def orders_in_first_week(one: Standing) -> Share:
    return sum(nth_day(one, day) <= 7 for day in one.orders), len(one.orders)


def days_late(one: Standing) -> Share:
    """Of entering, trials, exams, go-lives, the orders that the person closed, and leaving."""
    person = one.person
    facts = [person.enrolled, *person.trials, *person.exams, *person.lives]
    if person.left is not None:
        facts.append(person.left)
    pairs = [(fact["on"], fact["recorded_on"]) for fact in facts] + one.closed
    late = [max(0, (recorded - on).days) for on, recorded in pairs if on <= one.day]
    return sum(late), len(late)


COUNTS = {"entered": entered, "went_live": went_live, "employed": employed}
RATES = {
    "order_rate": order_rate,
    "average_orders": average_orders,
    "trial_pass_rate": trial_pass_rate,
    "trial_pass_rate_of_entered": trial_pass_rate_of_entered,
    "trial_feedback_complete": trial_feedback_complete,
    "gate_respected": gate_respected,
    "spot_checks_done": spot_checks_done,
    "complaint_rate": complaint_rate,
    "retention_30": retention(30),
    "retention_60": retention(60),
    "retention_90": retention(90),
    "elimination_rate": elimination_rate,
    "exam_first_pass_rate": exam_first_pass_rate,
    "average_exam_score": average_exam_score,
    "days_to_go_live": days_to_go_live,
    "days_to_first_order": days_to_first_order,
    "orders_by_day": orders_by_day,
    "orders_in_first_week": orders_in_first_week,
    "days_late": days_late,
}


@dataclass
class Answer:
    """The figures of a group; `of` by KPI, None where the denominator is 0."""

    of: dict[str, Fraction | None]
    floor: Fraction | None
    ceiling: Fraction | None
    is_final: bool
    final_on: date | None


def class_shares(facts: Known, held: list[Class], day: date) -> dict[str, dict[str, Share]]:
    """By KPI and by session, under the rules of the planned month."""
    rules = {one.session: rules_for(facts.schemes, one.plan_on(day)["planned_on"]) for one in held}
    return {
        slug: {one.session: share(one, day, rules[one.session]) for one in held}
        for slug, share in CLASS_RATES.items()
    }


def rate(group: list[Standing], share: Callable[[Standing], Share]) -> Fraction | None:
    numerator, denominator = total(group, share)
    return Fraction(numerator, denominator) if denominator else None


def total(group: list[Standing], share: Callable[[Standing], Share]) -> Share:
    shares = [share(one) for one in group]
    return sum(share[0] for share in shares), sum(share[1] for share in shares)


def answer(group: list[Standing]) -> Answer:
    live = [one for one in group if one.window]
    figures: dict[str, Fraction | None] = {
        slug: Fraction(total(group, share)[0]) for slug, share in COUNTS.items()
    }
    return Answer(
        of=figures | {slug: rate(group, share) for slug, share in RATES.items()},
        floor=rate(group, order_rate_floor),
        ceiling=rate(group, order_rate_ceiling),
        is_final=bool(live) and all(one.is_over(one.final_on) for one in live),
        final_on=max((one.final_on for one in live), default=None),
    )
