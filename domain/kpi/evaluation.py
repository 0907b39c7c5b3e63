"""Every figure of the catalog for a group, whatever it counts: newcomers or classes.

Doors, reports, the scorecard, drafts of a scheme and the series all ask here; the same evidence,
day, scheme and group give the same figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.catalog import measures
from domain.kpi.figure import KpiFigure
from domain.kpi.kpi import Kpi
from domain.kpi.proof.opened import Opened, open_kpi
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.classes import ClassStanding, class_figures, class_standings
from domain.kpi.subjects.figures import NewcomerFigures, figures_of, standings
from domain.kpi.subjects.groups import EVERYBODY, Board, Group, board_of, members_of
from domain.kpi.subjects.measure import BASE
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.standing import Standing
from domain.kpi.subjects.teaching import ClassFacts, Handover, training_manager_on
from domain.kpi.subjects.window import Windows
from domain.people.partner import DEFAULT_ZONE

By = Literal["month", "cohort", "manager", "training_manager"]
Way = Literal["all"] | By
"""Into which groups a series goes: "all" is everybody, under the key WHOLE."""

WHOLE = ""

NEWCOMERS, CLASSES = "newcomers", "classes"


class Evidence(Struct, frozen=True):
    """The facts of whole batches, and the scheme that scores them.

    handovers: batch code -> who answered for it, in the order of recording.
    """

    newcomers: Sequence[Newcomer]
    classes: Sequence[ClassFacts] = ()
    scheme: Scheme = Scheme()
    handovers: Mapping[str, Sequence[Handover]] = {}
    zone: tzinfo = ZoneInfo(DEFAULT_ZONE)

    def windows(self, day: date) -> Windows:
        """Those of the newcomers on the evening of a day."""
        return Windows(self.scheme, day, self.zone)

    def batches_of(self, training_manager: str, day: date) -> frozenset[str]:
        """The codes of the batches that somebody answered for on the evening of a day (S14)."""
        return frozenset(
            code
            for code, handovers in self.handovers.items()
            if training_manager_on(handovers, day) == training_manager
        )

    def training_managers(self, day: date) -> list[str]:
        """All who answered for a batch on the evening of a day, in the order of their names."""
        found = {training_manager_on(handovers, day) for handovers in self.handovers.values()}
        return sorted(name for name in found if name is not None)


class Evaluated(Struct, frozen=True):
    """The figures by slug. versions: of the scheme. rounding: how they are shown."""

    figures: dict[str, KpiFigure]
    versions: tuple[int, ...]
    rounding: str


def evaluate(
    kpis: Sequence[Kpi], evidence: Evidence, day: date, group: Group = EVERYBODY
) -> Evaluated:
    """The figures of one group on the evening of a day."""
    windows = evidence.windows(day)
    wanted = (*BASE, *measures(_about(kpis, NEWCOMERS)))
    people = figures_of(members_of(evidence.newcomers, windows, group), windows, wanted)
    return _evaluated(kpis, people, evidence, day, group)


def evaluate_by(
    by: By, kpis: Sequence[Kpi], evidence: Evidence, day: date, group: Group = EVERYBODY
) -> dict[str, Evaluated]:
    """The figures of every group within a group, by month (YYYY-MM), code or name, in their order.

    Each equals `evaluate` of that group.
    """
    if by == "training_manager":
        return {
            name: evaluate(kpis, evidence, day, narrowed(group, by, name, evidence, day))
            for name in evidence.training_managers(day)
        }
    return _along(by, kpis, _board(kpis, evidence, day, group), evidence, day, group)


def evaluate_every_way(
    kpis: Sequence[Kpi], evidence: Evidence, day: date
) -> dict[Way, dict[str, Evaluated]]:
    """Everybody's figures, and what `evaluate_by` answers of them for each way."""
    board = _board(kpis, evidence, day, EVERYBODY)
    whole = {WHOLE: _evaluated(kpis, board.whole, evidence, day, EVERYBODY)}
    found: dict[Way, dict[str, Evaluated]] = {"all": whole}
    by: By
    for by in ("month", "cohort", "manager"):
        found[by] = _along(by, kpis, board, evidence, day, EVERYBODY)
    found["training_manager"] = evaluate_by("training_manager", kpis, evidence, day)
    return found


def open_figure(kpi: Kpi, evidence: Evidence, day: date, group: Group = EVERYBODY) -> Opened:
    """The lines of the figure that `evaluate` gives for the same."""
    return open_kpi(kpi, standings_of(kpi, evidence, day, group))


def standings_of(
    kpi: Kpi, evidence: Evidence, day: date, group: Group = EVERYBODY
) -> Sequence[Standing | ClassStanding]:
    """Where everybody and everything stands that the KPI is about."""
    if kpi.subject == CLASSES:
        return class_standings(evidence.classes, day, evidence.scheme, group)
    windows = evidence.windows(day)
    return standings(members_of(evidence.newcomers, windows, group), windows)


def narrowed(group: Group, by: By, key: str, evidence: Evidence, day: date) -> Group:
    """The group within a group that a key names."""
    if by == "month":
        return replace(group, month=Month.parse(key))
    if by == "cohort":
        return replace(group, cohort=key)
    if by == "manager":
        return replace(group, manager=key)
    batches = evidence.batches_of(key, day)
    return replace(group, cohorts=batches if group.cohorts is None else group.cohorts & batches)


def _evaluated(
    kpis: Sequence[Kpi], people: NewcomerFigures, evidence: Evidence, day: date, group: Group
) -> Evaluated:
    found = {kpi.slug: kpi.figure(people) for kpi in _about(kpis, NEWCOMERS)}
    taught = _about(kpis, CLASSES)
    if taught:
        held = class_standings(evidence.classes, day, evidence.scheme, group)
        counted = class_figures(held, day, evidence.scheme, measures(taught))
        found |= {kpi.slug: kpi.figure(counted) for kpi in taught}
    return Evaluated({kpi.slug: found[kpi.slug] for kpi in kpis}, people.versions, people.rounding)


def _board(kpis: Sequence[Kpi], evidence: Evidence, day: date, group: Group) -> Board:
    wanted = (*BASE, *measures(_about(kpis, NEWCOMERS)))
    return board_of(evidence.newcomers, evidence.windows(day), group, wanted)


def _along(
    by: By, kpis: Sequence[Kpi], board: Board, evidence: Evidence, day: date, group: Group
) -> dict[str, Evaluated]:
    return {
        key: _evaluated(kpis, people, evidence, day, narrowed(group, by, key, evidence, day))
        for key, people in _groups(board, by).items()
    }


def _groups(board: Board, by: By) -> dict[str, NewcomerFigures]:
    if by == "month":
        return {str(month): found for month, found in board.by_month.items()}
    return board.by_cohort if by == "cohort" else board.by_manager


def _about(kpis: Iterable[Kpi], subject: str) -> list[Kpi]:
    return [kpi for kpi in kpis if kpi.subject == subject]
