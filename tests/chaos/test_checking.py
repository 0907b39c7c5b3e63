"""What the checker of `python -m tests.chaos` finds in a log that was tampered with."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.chaos.checking import Answered, Found, Job, Kept, Logged, Told, check

TOLD = Told([Answered("a", [2]), Answered("b", [4, 4]), Answered("c", [5])], ["N1"], ["r1"], ["i1"])
RENDERED = Logged(6, "report.rendered", report_id="r1", is_owned=False)
LOG = (
    Logged(1, "partner.joined", is_owned=False),
    Logged(2, "trainee.enrolled"),
    Logged(3, "order.closed", is_last=False, order_no="N1"),
    Logged(4, "order.valued"),
    Logged(5, "trainee.went_live"),
    RENDERED,
)
KEPT = {"a": Kept(2, 1), "b": Kept(4, 2), "c": Kept(5, 1)}
JOBS = (Job("r1", "report.render", "done"), Job("i1", "import.run", "done"))


def tampered(**how: Any) -> Found:
    given = {"log": LOG, "kept": KEPT, "jobs": JOBS} | how
    return check(TOLD, given["log"], given["kept"], given["jobs"])


def test_a_whole_log_is_right() -> None:
    assert tampered().is_right


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ({"log": (*LOG[:4], RENDERED)}, "lost"),
        ({"log": LOG[:-1]}, "lost"),
        ({"log": (*LOG[:1], *LOG[2:])}, "missing"),
        ({"log": (*LOG[:4], RENDERED), "kept": {"a": KEPT["a"], "b": KEPT["b"]}}, "lost"),
        ({"kept": {**KEPT, "c": Kept(6, 1)}}, "lost"),
        ({"log": (*LOG, Logged(7, "trainee.went_live"))}, "doubled"),
        ({"log": (*LOG, LOG[-2])}, "doubled"),
        ({"log": (*LOG, replace(RENDERED, position=7))}, "doubled"),
        ({"log": (*LOG, Logged(7, "order.closed", order_no="N1", is_owned=False))}, "doubled"),
        ({"log": (*LOG[:2], replace(LOG[2], order_no=None), *LOG[3:])}, "lost"),
        ({"log": (*LOG[:3], replace(LOG[3], is_last=False), *LOG[4:])}, "half"),
        ({"kept": {**KEPT, "d": Kept(5, 0)}}, "other"),
        ({"jobs": JOBS[:1]}, "jobs"),
        ({"jobs": (replace(JOBS[0], state="running"), JOBS[1])}, "jobs"),
        ({"jobs": (*JOBS, Job("r2", "report.render", "done"))}, "doubled"),
    ],
)
def test_what_was_tampered_with_is_found(how: dict[str, Any], where: str) -> None:
    assert getattr(tampered(**how), where)


def test_two_answers_with_two_positions_are_a_command_done_twice() -> None:
    told = replace(TOLD, commands=[Answered("a", [2, 3]), *TOLD.commands[1:]])
    assert check(told, LOG, KEPT, JOBS).doubled
