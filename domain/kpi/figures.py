"""The figures of a group of newcomers on the evening of a day, as whole numbers.

Everything after `happened_by` has not happened. Formulas: spec of the KPIs (S23 to S25, S29, S39,
S40). Special posts are no newcomers and appear in no figure.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from domain.kpi.newcomer import Newcomer
from domain.kpi.scheme import Parameters, Scheme, effective
from domain.kpi.window import Window, Windows
from domain.values import Ratio


class NewcomerFigures(Struct, frozen=True, kw_only=True):
    """What was counted in one group; the ratios are made of the counts and never reduced.

    entered: enrolled by the day. went_live: leavers included. employed: went live and had not left
    by the cut-off. ordered: employed, with a valid order inside the window; ordered_for_good: of
    these, with the window closed; could_order: employed, without an order, window open.
    valid_orders: leavers' orders included. trials_passed of trials_judged; passed_a_trial counts
    people. final_on: the latest last counted day, None where nobody went live. versions: of the
    scheme, in the order of effect. rounding: that of the last version.
    """

    happened_by: date
    entered: int
    went_live: int
    employed: int
    ordered: int
    ordered_for_good: int
    could_order: int
    valid_orders: int
    trials_passed: int
    trials_judged: int
    passed_a_trial: int
    is_final: bool
    final_on: date | None
    versions: tuple[int, ...]
    rounding: str

    @property
    def order_rate(self) -> Ratio:
        return Ratio(self.ordered, self.went_live)

    @property
    def average_orders(self) -> Ratio:
        return Ratio(self.valid_orders, self.went_live)

    @property
    def trial_pass_rate(self) -> Ratio:
        return Ratio(self.trials_passed, self.trials_judged)

    @property
    def trial_pass_rate_of_entered(self) -> Ratio:
        """People who passed a trial, over all who entered; shown beside the trial pass rate."""
        return Ratio(self.passed_a_trial, self.entered)

    @property
    def floor(self) -> Ratio:
        """Of the order rate: only what can no longer be lost."""
        return Ratio(self.ordered_for_good, self.went_live)

    @property
    def ceiling(self) -> Ratio:
        """Of the order rate: as if all who still can order did."""
        return Ratio(self.ordered + self.could_order, self.went_live)

    @property
    def scheme_version(self) -> int:
        return self.versions[-1]


class Score(Struct, frozen=True, gc=False):
    """What one newcomer adds to every group it belongs to; all 0 or 1 but orders and trials."""

    employed: int
    ordered: int
    orders: int
    trials_passed: int
    trials_judged: int


class Tally:
    """The counts of one group while its newcomers pass by."""

    __slots__ = (
        "could_order",
        "employed",
        "entered",
        "latest",
        "ordered",
        "ordered_for_good",
        "passed_a_trial",
        "trials_judged",
        "trials_passed",
        "valid_orders",
        "versions",
        "went_live",
    )

    def __init__(self) -> None:
        self.entered = self.went_live = self.employed = 0
        self.ordered = self.ordered_for_good = self.could_order = self.valid_orders = 0
        self.trials_passed = self.trials_judged = self.passed_a_trial = 0
        self.latest: date | None = None
        self.versions: set[int] = set()

    def add(self, window: Window | None, score: Score) -> None:
        """Counts one newcomer; window: None for who entered and had not gone live."""
        self.entered += 1
        if score.trials_judged:
            self.trials_judged += score.trials_judged
            if score.trials_passed:
                self.trials_passed += score.trials_passed
                self.passed_a_trial += 1
        if window is None:
            return
        self.went_live += 1
        self.employed += score.employed
        self.valid_orders += score.orders
        self.ordered += score.ordered
        if not window.is_open:
            self.ordered_for_good += score.ordered
        elif not score.ordered:
            self.could_order += score.employed
        self.versions.add(window.version)
        if self.latest is None or window.last_day > self.latest:
            self.latest = window.last_day

    def figures(self, windows: Windows) -> NewcomerFigures:
        """The counts as figures; a group without go-lives is shown by the rules of the day."""
        numbers: Iterable[int | None] = self.versions or (None,)
        versions = sorted(map(windows.version, numbers), key=effective)
        return NewcomerFigures(
            happened_by=windows.happened_by,
            entered=self.entered,
            went_live=self.went_live,
            employed=self.employed,
            ordered=self.ordered,
            ordered_for_good=self.ordered_for_good,
            could_order=self.could_order,
            valid_orders=self.valid_orders,
            trials_passed=self.trials_passed,
            trials_judged=self.trials_judged,
            passed_a_trial=self.passed_a_trial,
            is_final=self.latest is not None and self.latest <= windows.happened_by,
            final_on=self.latest,
            versions=tuple(version.number for version in versions),
            rounding=versions[-1].parameters.rounding,
        )


def figures(
    newcomers: Iterable[Newcomer], happened_by: date, scheme: Scheme | Parameters
) -> NewcomerFigures:
    """The figures of a group, whoever is in it (see groups.py); one pass."""
    windows = Windows(scheme, happened_by)
    tally = Tally()
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is not None or has_entered(newcomer, happened_by):
            tally.add(window, score(newcomer, window, happened_by))
    return tally.figures(windows)


def has_entered(newcomer: Newcomer, happened_by: date) -> bool:
    """Enrolled by the day; whoever went live counts as entered, whatever the enrolment's date."""
    return newcomer.is_newcomer and newcomer.entered_on <= happened_by


def score(newcomer: Newcomer, window: Window | None, happened_by: date) -> Score:
    """What had happened to one newcomer by the day."""
    passed = judged = orders = employed = 0
    for trial in newcomer.trials:
        if trial.on <= happened_by:
            judged += 1
            passed += trial.passed
    if window is not None:
        employed = 0 if window.lost(newcomer) else 1
        for order in newcomer.orders:
            if order.closed_on <= happened_by and window.excludes(order) is None:
                orders += 1
    return Score(employed, employed if orders else 0, orders, passed, judged)
