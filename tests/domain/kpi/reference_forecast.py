"""The forecast a second time, from its description alone: floats, roots, each day's figures.

For tenants without transfers whose windows are all of one length, opened by the first go-live.
"""

from datetime import date, timedelta
from math import ceil, floor, sqrt
from typing import Any

from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.counted import figures

Places = list[tuple[str, int]]


def reference_forecast(
    group: list[Newcomer], tenant: list[Newcomer], today: date, rules: Parameters
) -> dict[str, Any] | None:
    """The numbers of a `Forecast` by name; None where fewer than five can be back-tested."""
    length = timedelta(days=rules.window_days - 1)

    def last_day(who: Newcomer) -> date:
        return min(live.on for live in who.lives) + length

    places: dict[tuple[str, date], tuple[str, int]] = {}

    def place(who: Newcomer, day: date) -> tuple[str, int]:
        known = (who.trainee_id, day)
        if known not in places:
            one = figures([who], day, rules)
            bounds = (one.floor.numerator, one.order_rate.numerator, one.ceiling.numerator)
            state = ("lost", "waiting", "ordered", "counted")[sum(bounds)]
            places[known] = state, (day - last_day(who) + length).days + 1
        return places[known]

    def live_by(people: list[Newcomer], day: date) -> list[Newcomer]:
        return [who for who in people if who.lives and last_day(who) - length <= day]

    def made_it(who: Newcomer) -> bool:
        return place(who, last_day(who))[0] == "counted"

    def guess(
        people: list[Newcomer], day: date, past: list[list[Newcomer]]
    ) -> tuple[int, float, float, int, int]:
        """How many went live, the expected, the variance, floor and ceiling."""
        passed: dict[tuple[str, int], list[bool]] = {}
        for who in (who for batch in past for who in batch):
            for ago in range(1, length.days + 1):
                passed.setdefault(place(who, last_day(who) - timedelta(ago)), []).append(
                    made_it(who)
                )
        chances = []
        for who in live_by(people, day):
            state, days = place(who, day)
            if last_day(who) <= day or state in ("lost", "counted"):
                chances.append(float(state == "counted"))
            else:
                alike = [end for (s, _), ends in passed.items() if s == state for end in ends]
                here = passed.get((state, days), [])
                usual = (sum(alike) + 0.5) / (len(alike) + 1)
                chances.append((sum(here) + usual) / (len(here) + 1))
        variance = sum(p * (1 - p) for p in chances)
        least, most = chances.count(1.0), len(chances) - chances.count(0.0)
        return len(chances), sum(chances), variance, least, most

    def interval(
        expected: float, variance: float, width: float, least: int, most: int
    ) -> tuple[int, int]:
        half = width * sqrt(variance)
        expected = round(expected, 9)
        low = min(ceil(expected - half - 1e-9), floor(expected))
        high = max(floor(expected + half + 1e-9), ceil(expected))
        return max(low, least), min(high, most)

    def width(misses: list[float]) -> float:
        return sorted(misses)[ceil(round(0.8 * (len(misses) + 1), 9)) - 1]

    batches: dict[str, list[Newcomer]] = {}
    for who in live_by(tenant, today):
        batches.setdefault(who.cohort_code, []).append(who)
    past = [people for people in batches.values() if all(last_day(w) <= today for w in people)]
    here = live_by(group, today)
    if not here:
        return None
    remaining = max(max(map(last_day, here)) - today, timedelta(0))
    trials = []
    for batch in past:
        day = max(map(last_day, batch)) - remaining
        if live := live_by(batch, day):
            others = [other for other in past if other is not batch]
            trials.append((guess(batch, day, others), sum(map(made_it, live))))
    if len(trials) < 5:
        return None
    misses = [
        abs(actual - expected) / sqrt(variance) if variance else 0.0
        for (_, expected, variance, _, _), actual in trials
    ]
    held = 0
    for number, ((_, expected, variance, least, most), actual) in enumerate(trials):
        others = width(misses[:number] + misses[number + 1 :])
        low, high = interval(expected, variance, others, least, most)
        held += low <= actual <= high
    went_live, expected, variance, least, most = guess(here, today, past)
    low, high = interval(expected, variance, width(misses), least, most)
    errors = [abs(actual - expected) / live for (live, expected, *_), actual in trials]
    return {
        "expected": expected / went_live,
        "low": low / went_live,
        "high": high / went_live,
        "batches": len(trials),
        "mean_absolute_error": sum(errors) / len(errors),
        "coverage": held / len(trials),
    }
