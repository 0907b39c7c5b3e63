"""The figures of a group of newcomers on the evening of a day, as whole numbers.

Everything after `happened_by` has not happened. Formulas: spec of the KPIs (S23 to S25, S29, S39,
S40). Special posts are no newcomers and appear in no figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.scheme.versions import Parameters, Scheme, effective
from domain.kpi.subjects.measure import BASE, Measure
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.standing import Standing, standing_of
from domain.kpi.subjects.window import Window, Windows


class NewcomerFigures(Struct, frozen=True, kw_only=True):
    """What was counted in one group; the ratios are made of the counts and never reduced.

    counts: measure slug -> count; those of measure.BASE are always there. final_on: the latest last
    counted day, None where nobody went live. last_live_on: the latest first day of a window.
    versions: of the scheme, in the order of effect. rounding: that of the last version.
    """

    happened_by: date
    counts: Mapping[str, int]
    is_final: bool
    final_on: date | None
    last_live_on: date | None
    versions: tuple[int, ...]
    rounding: str

    @property
    def entered(self) -> int:
        """Enrolled by the day."""
        return self.counts["entered"]

    @property
    def went_live(self) -> int:
        """Leavers included."""
        return self.counts["went_live"]

    @property
    def employed(self) -> int:
        """Went live and had not left by the cut-off."""
        return self.counts["employed"]

    @property
    def valid_orders(self) -> int:
        """Inside the windows, leavers' orders included."""
        return self.counts["valid_orders"]

    @property
    def order_rate(self) -> Ratio:
        return Ratio(self.counts["ordered"], self.counts["order_base"])

    @property
    def average_orders(self) -> Ratio:
        return Ratio(self.valid_orders, self.counts["order_base"])

    @property
    def trial_pass_rate(self) -> Ratio:
        return Ratio(self.counts["trials_counted"], self.counts["trial_base"])

    @property
    def trial_pass_rate_of_entered(self) -> Ratio:
        """People who passed a trial, over all who entered; shown beside the trial pass rate."""
        return Ratio(self.counts["passed_a_trial"], self.entered)

    @property
    def floor(self) -> Ratio:
        """Of the order rate: only what can no longer be lost."""
        return Ratio(self.counts["ordered_for_good"], self.counts["floor_base"])

    @property
    def ceiling(self) -> Ratio:
        """Of the order rate: as if all who still can order did."""
        return Ratio(self.counts["ordered_or_could"], self.counts["order_base"])

    @property
    def scheme_version(self) -> int:
        return self.versions[-1]

    def settled_on(self, days: int | None) -> date | None:
        """The last day that can change it: the window's, or that many days after the go-live."""
        if days is None or self.last_live_on is None:
            return self.final_on
        return self.last_live_on + timedelta(days=days - 1)


class Tally:
    """The counts of one group while its newcomers pass by."""

    __slots__ = ("_latest", "_live", "_measures", "_sums", "_versions")

    def __init__(self, measures: Sequence[Measure]) -> None:
        self._measures = measures
        self._sums = [0] * len(measures)
        self._latest: date | None = None
        self._live: date | None = None
        self._versions: set[int] = set()

    def add(self, window: Window | None, marks: Sequence[int]) -> None:
        """Counts one newcomer; window: None for who entered and had not gone live."""
        self._sums = [total + mark for total, mark in zip(self._sums, marks, strict=True)]
        if window is None:
            return
        self._versions.add(window.version)
        if self._latest is None or window.last_day > self._latest:
            self._latest = window.last_day
        if self._live is None or window.first_day > self._live:
            self._live = window.first_day

    def figures(self, windows: Windows) -> NewcomerFigures:
        """The counts as figures; a group without go-lives is shown by the rules of the day."""
        numbers: Iterable[int | None] = self._versions or (None,)
        versions = sorted(map(windows.version, numbers), key=effective)
        return NewcomerFigures(
            happened_by=windows.happened_by,
            counts={m.slug: total for m, total in zip(self._measures, self._sums, strict=True)},
            is_final=self._latest is not None and self._latest <= windows.happened_by,
            final_on=self._latest,
            last_live_on=self._live,
            versions=tuple(version.number for version in versions),
            rounding=versions[-1].parameters.rounding,
        )


def figures(
    newcomers: Iterable[Newcomer],
    happened_by: date,
    scheme: Scheme | Parameters,
    measures: Sequence[Measure] = BASE,
) -> NewcomerFigures:
    """The figures of a group, whoever is in it (see groups.py); one pass."""
    return figures_of(newcomers, Windows(scheme, happened_by), measures)


def figures_of(
    newcomers: Iterable[Newcomer], windows: Windows, measures: Sequence[Measure] = BASE
) -> NewcomerFigures:
    """The same where the windows are at hand."""
    tally = Tally(measures)
    for standing in standings(newcomers, windows):
        tally.add(standing.window, score(standing, measures))
    return tally.figures(windows)


def standings(newcomers: Iterable[Newcomer], windows: Windows) -> list[Standing]:
    """Where everybody stands who had gone live or entered by the day."""
    found = []
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is not None or has_entered(newcomer, windows.happened_by):
            found.append(standing_of(newcomer, window, windows))
    return found


def has_entered(newcomer: Newcomer, happened_by: date) -> bool:
    """Enrolled by the day; whoever went live counts as entered, whatever the enrolment's date."""
    return newcomer.is_newcomer and newcomer.entered_on <= happened_by


def score(standing: Standing, measures: Sequence[Measure]) -> list[int]:
    """What one newcomer adds to each measure of every group it belongs to."""
    return [measure.of(standing) for measure in measures]
