"""Logs of plain facts as hypothesis draws them, for what must hold of every log.

Two batches, one of them opened late and both handed over; one to three people, who may leave,
rejoin and leave again. Facts name people by their first stay; their days lie anywhere around it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.standing import DEFAULTS
from tests.oracle.telling import Telling

BEGIN = date(2025, 3, 1)
LAST = 130
"""Days after BEGIN up to which something happens."""
MANAGERS = ("钱主管", "孙主管", "赵主管")
HEAD_TEACHERS = ("陈经理", "李经理")
WINDOWS = (1, 7, 30, 30, 60)

Draw = st.DrawFn


def after_begin(day: int) -> date:
    return BEGIN + timedelta(days=day)


days = st.integers(-5, LAST).map(after_begin)
evenings = st.integers(20, LAST + 60).map(after_begin)

KINDS: dict[str, Callable[[Draw], dict[str, Any]]] = {
    "trial": lambda draw: {"passed": draw(st.booleans()), "feedback": draw(st.booleans())},
    "exam": lambda draw: {
        "paper": draw(st.sampled_from(("written", "drill"))),
        "passed": draw(st.booleans()),
        "score": draw(st.integers(0, 100)),
    },
    "live": lambda draw: {},
    "spot check": lambda draw: {"feedback": draw(st.booleans())},
    "manager changed": lambda draw: {"manager": draw(st.sampled_from(MANAGERS))},
    "post changed": lambda draw: {"post": draw(st.sampled_from(("sales", "customer_service")))},
    "transferred": lambda draw: {"cohort": draw(st.sampled_from(("A1", "B2")))},
}
"""What each kind of fact about a person says beside the day."""

facts = st.tuples(st.sampled_from((*KINDS, "live", "order", "order", "order")), days)


@st.composite
def tellings(draw: Draw, *, moved: bool = True, regolive: str = "latest") -> Telling:
    """moved: some orders are given to another seller or turn out void."""
    case = Telling(BEGIN - timedelta(days=10))
    case.batch("B2", after_begin(draw(st.integers(-5, 20))))
    for batch in ("A1", "B2"):
        for on in draw(st.lists(days, max_size=2, unique=True)):
            name = draw(st.sampled_from(HEAD_TEACHERS))
            case.tell("handed over", max(on, BEGIN), batch=batch, training_manager=name)
    for month in draw(st.lists(st.sampled_from(("2025-02", "2025-04")), max_size=2, unique=True)):
        rules = DEFAULTS | {
            "window_days": draw(st.sampled_from(WINDOWS)),
            "leaver_cutoff": draw(st.sampled_from(("window_close", "report_time"))),
            "kpi_month": draw(st.sampled_from(("went_live", "window_close"))),
            "regolive": draw(st.sampled_from(("first", regolive))),
        }
        case.tell("scheme published", BEGIN, month=month, rules=rules)
    people = [f"E{number}" for number in range(draw(st.integers(1, 3)))]
    for who in people:
        _come_and_go(draw, case, who)
    for who in people:
        for kind, on in draw(st.lists(facts, max_size=8, unique=True)):
            if kind == "order":
                _order(draw, case, who, on, people if moved else [])
            else:
                recorded = on + timedelta(days=draw(st.integers(0, 9)))
                case.tell(kind, on, recorded=recorded, who=who, **KINDS[kind](draw))
    for number in range(draw(st.integers(0, 2))):
        _class(draw, case, f"K{number}")
    return case


@st.composite
def turning_points(draw: Draw) -> tuple[Telling, date]:
    """And a day beside which something happens or a window ends."""
    case = draw(tellings())
    happened = [fact["on"] for fact in case.log]
    closed = [one.final_on for one in case.standings(after_begin(LAST)) if one.window]
    beside = timedelta(days=draw(st.sampled_from((-1, -1, 0, 1))))
    return case, draw(st.sampled_from(happened + closed)) + beside


def _come_and_go(draw: Draw, case: Telling, who: str) -> None:
    """One stay after another; the first goes live more often than not."""
    entered = draw(st.integers(-3, 20))
    case.enrol(who, after_begin(entered), manager=draw(st.sampled_from(MANAGERS)))
    if draw(st.integers(0, 3)):
        case.tell("live", after_begin(entered + draw(st.integers(0, 9))), who=who)
    left = entered + draw(st.integers(5, 50))
    again = left + draw(st.integers(1, 15))
    comes_and_goes = draw(st.integers(0, 3))
    if comes_and_goes > 0:
        case.tell("left", after_begin(left), who=who)
    if comes_and_goes > 1:
        case.enrol(f"{who} again", after_begin(again), was=who, manager=MANAGERS[0])
        case.tell("live", after_begin(again + draw(st.integers(0, 9))), who=who)
    if comes_and_goes > 2:
        case.tell("left", after_begin(again + draw(st.integers(3, 60))), who=who)


def _order(draw: Draw, case: Telling, who: str, on: date, people: list[str]) -> None:
    no = f"N{len(case.log)}"
    case.tell("order", on, who=who, no=no)
    becomes = draw(st.integers(0, 5)) if people else 0
    later = on + timedelta(days=draw(st.integers(0, 40)))
    if becomes in (4, 5):
        case.tell("reassigned", later, events=2, no=no, to=draw(st.sampled_from(people)))
    if becomes in (3, 4):
        case.tell("voided", later + timedelta(days=draw(st.integers(0, 9))), no=no)


def _class(draw: Draw, case: Telling, session: str) -> None:
    planned, moved = draw(days), timedelta(days=draw(st.integers(-3, 3)))
    batch = draw(st.sampled_from(("A1", "B2")))
    topics = ("产品知识",)
    case.tell(
        "class planned", planned, session=session, batch=batch, planned_on=planned, topics=topics
    )
    if draw(st.booleans()):
        case.tell("class opened", planned + moved, session=session)
        case.tell("class ended", planned + moved, session=session, topics=topics)
