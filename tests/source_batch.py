"""The source's own batch: 20 trained, 18 live, 3 of them left, 12 of the others with an order.

The worked examples of the catalog are counted on it, and a test counts them.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.kpi.evidence import Evidence, FirstSubmission
from domain.kpi.subjects.facts import (
    ComplaintFact,
    ExamFact,
    GoLiveFact,
    OrderFact,
    SpotCheckFact,
    TrialFact,
)
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import ClassFacts, Closing, Opening, Plan, Summary
from domain.people.partner import DEFAULT_ZONE
from domain.teaching.session import INDUCTION
from domain.trainees.events import SALES

ENTERED_ON = date(2026, 5, 18)
WENT_LIVE_ON = date(2026, 6, 1)
LEFT_ON = date(2026, 6, 20)
AS_OF = date(2026, 6, 30)
"""The last counted day of everybody's 30."""

_TWO_DAYS_LATER = int(datetime(2026, 6, 3, 9, tzinfo=ZoneInfo(DEFAULT_ZONE)).timestamp())
"""When the go-lives were recorded; of the other facts it is not known."""

_ORDERS = (2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 2, 0, 0)
"""Of the 18 who went live; the last three left, one of them after two orders."""


def batch() -> tuple[Newcomer, ...]:
    """18 took the trial post and 15 passed at first (S29); all 18 went live in the end."""
    return tuple(_newcomer(number) for number in range(20))


def _newcomer(number: int) -> Newcomer:
    went_live = number < len(_ORDERS)
    left = went_live and number >= 15
    orders = _ORDERS[number] if went_live else 0
    return Newcomer(
        trainee_id=f"trainee-{number + 1:02d}",
        employee_no=f"T{number + 1:02d}",
        cohort_id="cohort-2026-05",
        cohort_code="2026-05",
        manager_id=None,
        post=SALES,
        entered_on=ENTERED_ON,
        enrolled_position=number + 1,
        trials=(TrialFact(date(2026, 5, 27), number < 15, number + 21),) if went_live else (),
        exams=_exams(number) if went_live else (),
        lives=(GoLiveFact(WENT_LIVE_ON, number + 41, recorded_at=_TWO_DAYS_LATER),)
        if went_live
        else (),
        orders=tuple(
            OrderFact(f"A{number + 1:02d}-{k}", date(2026, 6, 3 + k), 2 * number + k + 61)
            for k in range(orders)
        ),
        left_on=LEFT_ON if left else None,
        left_position=number + 121 if left else None,
        eliminated=number == 17,
        complaints=(ComplaintFact("C01", date(2026, 6, 12), 141),) if number == 12 else (),
        checks=(SpotCheckFact(date(2026, 6, 15), "basics", number + 151),) if number < 15 else (),
    )


def evidence() -> Evidence:
    """The batch, its classes, and its month's figures, submitted on the third of the next."""
    at = datetime(2026, 7, 3, 9, tzinfo=UTC)
    return Evidence(batch(), classes(), submissions=(FirstSubmission("2026-06", at, 401),))


def classes() -> tuple[ClassFacts, ...]:
    """Three classes: one as planned and summed up, one as planned and not, one opened late."""
    days = ((date(2026, 5, 18), 0), (date(2026, 5, 20), 0), (date(2026, 6, 24), 3))
    return tuple(_class(number, day, late) for number, (day, late) in enumerate(days))


def _class(number: int, day: date, late: int) -> ClassFacts:
    opened_on = day + timedelta(days=late)
    place = 10 * number + 301
    return ClassFacts(
        session_id=f"session-{number + 1}",
        code=f"K{number + 1}",
        cohort_id="cohort-2026-05",
        cohort_code="2026-05",
        kind=INDUCTION,
        plan=Plan(day, ("products",), place),
        opening=Opening(opened_on, 20, place + 1),
        closing=Closing(opened_on + timedelta(days=2), ("products",), 20, place + 2),
        summary=Summary(date(2026, 5, 22), place + 3) if number == 0 else None,
    )


def _exams(number: int) -> tuple[ExamFact, ...]:
    """One failed the written exam at first; half passed it with 80 points, half with 90."""
    day, before, score = date(2026, 5, 29), date(2026, 5, 28), Decimal(80 + number % 2 * 10)
    failed = (ExamFact("written", before, False, 180, Decimal(56)),) if number == 14 else ()
    passed = ExamFact("written", day, True, number + 181, score)
    return (*failed, passed, ExamFact("drill", day, True, number + 201))
