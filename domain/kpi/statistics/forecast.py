"""The order rate that a group is expected to end with, from the tenant's own matured batches.

Expected: somebody undecided on a day since the go-live counts with the share of those who stood
there in matured batches and counted in the end. Conditioning on who is left on a day is the
landmark method: Anderson, Cain & Gelber, "Analysis of survival by tumor response", Journal of
Clinical Oncology 1 (1983), 710-719.

Back-test: every matured batch is forecast from the others, as of the evening that was as many days
before its end as today is before the group's. Its miss is measured in standard deviations of a sum
of independent chances (Wang, "On the number of successes in independent trials", Statistica Sinica
3 (1993), 295-312). The interval reaches as far as the misses at the level reach: jackknife
prediction, Barber, Candès, Ramdas & Tibshirani, "Predictive inference with the jackknife+", Annals
of Statistics 49 (2021), 486-507. So batches that differ by more than chance widen it. It has no
guarantee with few batches; therefore its coverage is back-tested too and stands beside it.

What the interval does not cover: go-lives still to come, orders voided after the window and facts
recorded late, a change of rules or market, and a group far larger than a batch, in which the
differences between batches do not shrink as chance does.

All numbers are exact; nothing is drawn, so the same facts give the same forecast.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.evidence import Basis
from domain.kpi.statistics.matured import (
    MaturedBatch,
    Progress,
    Stage,
    StageOnDay,
    matured,
    progress,
)
from domain.kpi.subjects.newcomers import members_of

LEVEL = Ratio(4, 5)
"""How often the interval is meant to hold the final value."""

FEWEST_BATCHES = 5
"""With fewer matured batches there is no forecast."""

_HALF = Fraction(1, 2)


class Forecast(Struct, frozen=True):
    """An expected final order rate; its interval ends at whole people of all who went live.

    batches: matured ones that were back-tested. mean_absolute_error: of their forecasts, as a share
    (1/50 is two percentage points). coverage: whose final value lay in the interval that the other
    batches' misses would have given, of all.
    """

    expected: Fraction
    low: Ratio
    high: Ratio
    level: Ratio
    batches: int
    mean_absolute_error: Fraction
    coverage: Ratio


def forecast_of(basis: Basis) -> Forecast | None:
    """The forecast of a group's order rate, between floor and ceiling of its figures on the day.

    It is learnt from the whole evidence, which is to hold whole batches. None where nobody of the
    group went live, where fewer than `FEWEST_BATCHES` matured batches can be back-tested, where
    those who are not final are not all final after as many days (batches of another length teach
    nothing), and where the rules take leavers out of the denominator, which would have to be
    forecast as well.
    """
    windows = basis.windows
    placed = [(who, window) for who in members_of(basis) if (window := windows.of(who))]
    if not placed or any(window.rules.denominator != "went_live" for _, window in placed):
        return None
    lengths = {
        (window.final_on - window.first_day).days + 1 for _, window in placed if not window.is_final
    }
    final_on = max(window.final_on for _, window in placed)
    batches = [
        batch
        for batch in matured(basis.evidence.newcomers, windows)
        if all({len(life.stages)} == lengths for life in batch.lives) or not lengths
    ]
    nobody = Counter[StageOnDay]()
    past = _Past(
        sum((b.passed for b in batches), nobody), sum((b.made_it for b in batches), nobody)
    )
    trials = _back_test(batches, past, max(final_on - windows.over_until, timedelta(0)))
    if len(trials) < FEWEST_BATCHES:
        return None
    now = past.expect(progress(placed, windows))
    low, high = now.interval(_width([trial.miss for trial in trials]))
    return Forecast(
        expected=now.expected / now.went_live,
        low=Ratio(low, now.went_live),
        high=Ratio(high, now.went_live),
        level=LEVEL,
        batches=len(trials),
        mean_absolute_error=sum(trial.error for trial in trials) / Fraction(len(trials)),
        coverage=_coverage(trials),
    )


class _Expectation(Struct, frozen=True):
    """People expected to count, with the variance if they do so independently of each other."""

    went_live: int
    least: int
    most: int
    expected: Fraction
    variance: Fraction

    def interval(self, width: Fraction) -> tuple[int, int]:
        """The whole numbers within a width of the expected one, and the nearest on each side.

        width: in variances, the square of standard deviations.
        """
        reach = width * self.variance
        low, high = floor(self.expected), ceil(self.expected)
        while low > self.least and (self.expected - (low - 1)) ** 2 <= reach:
            low -= 1
        while high < self.most and (high + 1 - self.expected) ** 2 <= reach:
            high += 1
        return low, high


class _Trial(Struct, frozen=True):
    """One matured batch, forecast from the others; actual: people who counted in the end."""

    forecast: _Expectation
    actual: int

    @property
    def error(self) -> Fraction:
        return abs(self.actual - self.forecast.expected) / self.forecast.went_live

    @property
    def miss(self) -> Fraction:
        """Squared, in variances; 0 where nothing but a voided order could still change it."""
        if not self.forecast.variance:
            return Fraction(0)
        return (self.actual - self.forecast.expected) ** 2 / self.forecast.variance


class _Past(Struct, frozen=True):
    """The chances of counting that batches teach, each with one batch or none left out."""

    passed: Counter[StageOnDay]
    made_it: Counter[StageOnDay]

    def without(self, batch: MaturedBatch) -> "_Past":
        return _Past(self.passed - batch.passed, self.made_it - batch.made_it)

    def expect(self, now: Progress) -> _Expectation:
        chances = [(people, self._chance(place)) for place, people in now.undecided.items()]
        return _Expectation(
            went_live=now.went_live,
            least=now.counted,
            most=now.counted + now.undecided.total(),
            expected=now.counted + sum((n * p for n, p in chances), Fraction(0)),
            variance=sum((n * p * (1 - p) for n, p in chances), Fraction(0)),
        )

    def _chance(self, place: StageOnDay) -> Fraction:
        """The share of those who passed the place, and of one more who counts as all in its stage.

        The one more keeps a chance off 0 and 1 where few have passed.
        """
        usual = self._usual(place[0])
        return (self.made_it[place] + usual) / (self.passed[place] + 1)

    def _usual(self, stage: Stage) -> Fraction:
        passed = sum(people for place, people in self.passed.items() if place[0] == stage)
        made_it = sum(people for place, people in self.made_it.items() if place[0] == stage)
        return (made_it + _HALF) / (passed + 1)


def _back_test(batches: Iterable[MaturedBatch], past: _Past, remaining: timedelta) -> list[_Trial]:
    trials = []
    for batch in batches:
        then, actual = batch.on(batch.final_on - remaining)
        if then.went_live:
            trials.append(_Trial(past.without(batch).expect(then), actual))
    return trials


def _width(misses: Sequence[Fraction]) -> Fraction:
    """The miss that the next batch's exceeds with a chance of at most one less the level.

    If the order in which misses come is arbitrary, the next is as likely to fall between any two.
    """
    rank = ceil(Fraction(LEVEL.numerator, LEVEL.denominator) * (len(misses) + 1))
    return sorted(misses)[rank - 1]


def _coverage(trials: Sequence[_Trial]) -> Ratio:
    held = 0
    for number, trial in enumerate(trials):
        others = [other.miss for k, other in enumerate(trials) if k != number]
        low, high = trial.forecast.interval(_width(others))
        held += low <= trial.actual <= high
    return Ratio(held, len(trials))
