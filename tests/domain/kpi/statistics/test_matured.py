"""How far matured batches were on every day of their windows."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from msgspec.structs import replace

from domain.kpi.scheme.versions import Parameters
from domain.kpi.statistics.matured import Progress, Stage, matured, progress
from domain.kpi.subjects.facts import TransferFact
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.counted import figures
from tests.domain.kpi.facts import newcomer, order, windows_on
from tests.domain.kpi.test_figures_properties import days, groups, rules

LIVE = date(2026, 6, 1)
WAITING: Stage = "waiting"
ORDERED: Stage = "ordered"
LOST: Stage = "lost"


def on(day: int) -> date:
    return LIVE + timedelta(days=day - 1)


def batch() -> list[Newcomer]:
    """Ordered on day 4 and lost it on day 6; ordered on day 5; left on day 6; live on day 3."""
    return [
        newcomer(1, live=LIVE, orders=(order(on(4), "A", voided_on=on(6)),)),
        newcomer(2, live=LIVE, orders=(order(on(5), "B"),)),
        newcomer(3, live=LIVE, left_on=on(6)),
        newcomer(4, live=on(3), orders=(order(on(9), "C"),)),
    ]


def test_a_batch_is_told_day_by_day() -> None:
    (got,) = matured(batch(), windows_on(Parameters(), on(40)))
    assert got.final_on == on(32)
    assert [life.counted for life in got.lives] == [False, True, False, True]
    assert [life.stages[:7] for life in got.lives[:3]] == [
        (WAITING,) * 3 + (ORDERED,) * 2 + (WAITING,) * 2,
        (WAITING,) * 4 + (ORDERED,) * 3,
        (WAITING,) * 5 + (LOST,) * 2,
    ]
    assert got.passed[WAITING, 4] == 3 and got.made_it[WAITING, 4] == 2
    assert got.passed[ORDERED, 5] == 2 and got.made_it[ORDERED, 5] == 1
    assert (WAITING, 29) in got.passed and (WAITING, 30) not in got.passed


def test_a_past_evening_knows_only_who_was_live_by_then() -> None:
    (got,) = matured(batch(), windows_on(Parameters(), on(40)))
    assert got.on(on(0)) == (Progress(0, 0, Counter()), 0)
    assert got.on(on(2)) == (Progress(3, 0, Counter({(WAITING, 2): 3})), 1)
    assert got.on(on(6)) == (
        Progress(4, 0, Counter({(WAITING, 6): 1, (ORDERED, 6): 1, (WAITING, 4): 1})),
        2,
    )
    assert got.on(on(30)) == (Progress(4, 1, Counter({(ORDERED, 28): 1})), 2)
    assert got.on(on(32)) == (Progress(4, 2, Counter()), 2)


def test_an_order_counts_from_the_evening_on_which_it_came_to_the_seller() -> None:
    had = replace(order(on(4)), credited_on=on(6), reassigned_on=on(8))
    who = newcomer(live=LIVE, orders=(had,))
    (got,) = matured([who], windows_on(Parameters(), on(40)))
    assert got.lives[0].stages[3:9] == (WAITING,) * 2 + (ORDERED,) * 2 + (WAITING,) * 2


def test_an_order_counts_for_good_where_leavers_stay_counted() -> None:
    """Leaving changes nothing any more; a voiding does."""
    who = newcomer(
        live=LIVE,
        left_on=on(6),
        orders=(order(on(4), "A", voided_on=on(8)), order(on(5), "B", voided_on=on(9))),
    )
    (got,) = matured([who], windows_on(Parameters(leaver_rule="counted"), on(40)))
    states = got.lives[0].stages
    assert states[2:10] == (WAITING, *["counted"] * 5, LOST, LOST)


def test_a_batch_with_an_open_window_has_not_matured() -> None:
    assert matured(batch(), windows_on(Parameters(), on(31))) == []


def test_a_newcomer_is_in_the_batch_of_the_go_live_day() -> None:
    first, *rest = batch()
    live_on = first.lives[0].on

    def lives(moved_on: date) -> list[int]:
        moved = TransferFact(moved_on, "cohort-2", "B2", 9)
        people = [replace(first, transfers=(moved,)), *rest]
        return [len(one.lives) for one in matured(people, windows_on(Parameters(), on(60)))]

    assert lives(live_on + timedelta(days=1)) == [4]
    assert lives(live_on) == [3, 1]


@given(groups, rules)
def test_every_evening_is_as_the_figures_of_that_evening(
    group: list[Newcomer], scheme: Parameters
) -> None:
    scheme = replace(scheme, regolive="first", denominator="went_live")
    people = [replace(who, cohort_code=str(k)) for k, who in enumerate(group) if who.lives]
    by_code = {who.cohort_code: who for who in people}
    windows = windows_on(scheme, date(2027, 1, 1))
    live = sorted(code for code, who in by_code.items() if windows.of(who))
    for code, one in zip(live, matured(people, windows), strict=True):
        (life,) = one.lives
        window = windows.of(by_code[code])
        assert window and life.last_day == window.final_on
        for number, stage in enumerate(life.stages):
            evening = figures([by_code[code]], life.first_day + timedelta(days=number), scheme)
            assert (stage == "counted") is bool(evening.floor.numerator)
            assert (stage in ("counted", ORDERED)) is bool(evening.order_rate.numerator)
            assert (stage != LOST) is bool(evening.ceiling.numerator)


@given(groups, days, rules)
def test_progress_spans_from_floor_to_ceiling(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    windows = windows_on(scheme, today)
    placed = [(who, window) for who in group if (window := windows.of(who))]
    got = progress(placed, windows)
    expected = figures(group, today, scheme)
    assert got.went_live == expected.went_live
    assert got.counted == expected.floor.numerator
    assert got.counted + got.undecided.total() == expected.ceiling.numerator
