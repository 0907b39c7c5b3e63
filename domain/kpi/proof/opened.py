"""A figure of the catalog, opened: one line per newcomer or class, with what each adds and why.

The lines add up to the figure, its floor and its ceiling; `recompute` counts them again.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Kpi
from domain.kpi.subjects.classes import ClassStanding
from domain.kpi.subjects.standing import Standing


class Line(Struct, frozen=True):
    """What one subject adds. trainee_id: None for a class, which has its own id as `subject_id`.

    label: employee number, or the class's code. rule: why it is in the denominator and does not
    count, or not as much as it could. floor, ceiling: its part in each, as numerator and
    denominator. positions: the events behind it, in the order of the log.
    """

    subject_id: str
    trainee_id: str | None
    label: str
    cohort_code: str
    numerator: int
    denominator: int
    floor: Ratio | None
    ceiling: Ratio | None
    rule: str | None
    positions: tuple[int, ...]


class Recomputed(Struct, frozen=True):
    """A figure counted from its lines alone."""

    ratio: Ratio
    floor: Ratio | None
    ceiling: Ratio | None


class Opened(Struct, frozen=True):
    """The lines of one KPI; those that count first, each part in the order of the labels."""

    kpi: Kpi
    counted: tuple[Line, ...]
    not_counted: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them."""
        return self.counted + self.not_counted

    def recompute(self) -> Recomputed:
        """The figure again."""
        if not self.kpi.has_source:
            return Recomputed(Ratio(0, 0), None, None)
        denominator = sum(line.denominator for line in self.lines)
        return Recomputed(
            Ratio(
                sum(line.numerator for line in self.lines),
                1 if self.kpi.denominator is None else denominator,
            ),
            _sum(line.floor for line in self.lines) if self.kpi.floor else None,
            _sum(line.ceiling for line in self.lines) if self.kpi.ceiling else None,
        )


def open_kpi(kpi: Kpi, standings: Iterable[Standing | ClassStanding]) -> Opened:
    """Opens the figure that the KPI's measures give for the same standings."""
    if kpi.numerator is None:
        return Opened(kpi, (), ())
    lines = [_line(kpi, standing) for standing in standings]
    known = [line for line in lines if line is not None]
    known.sort(key=lambda line: line.label)
    return Opened(
        kpi,
        tuple(line for line in known if line.rule is None),
        tuple(line for line in known if line.rule is not None),
    )


def _line(kpi: Kpi, standing: Any) -> Line | None:
    if kpi.numerator is None:
        return None
    numerator = kpi.numerator.of(standing)
    over = 1 if kpi.denominator is None else kpi.denominator.of(standing)
    floor, ceiling = _part(kpi, kpi.floor, standing), _part(kpi, kpi.ceiling, standing)
    if not (numerator or over or _is_some(floor) or _is_some(ceiling)):
        return None
    counts = numerator > 0 if kpi.unit != "percent" else numerator >= over
    subject_id, trainee_id, label, cohort_code = _whose(standing)
    return Line(
        subject_id=subject_id,
        trainee_id=trainee_id,
        label=label,
        cohort_code=cohort_code,
        numerator=numerator,
        denominator=0 if kpi.denominator is None else over,
        floor=floor,
        ceiling=ceiling,
        rule=None if counts else kpi.rule(standing),
        positions=tuple(sorted(set(kpi.events(standing)))),
    )


def _whose(standing: Any) -> tuple[str, str | None, str, str]:
    if isinstance(standing, ClassStanding):
        facts = standing.facts
        return facts.session_id, None, facts.code, facts.cohort_code
    who = standing.newcomer
    return who.trainee_id, who.trainee_id, who.employee_no, who.cohort_on(standing.day)


def _part(kpi: Kpi, bound: Bound | None, standing: Any) -> Ratio | None:
    if bound is None:
        return None
    over = bound.denominator or kpi.denominator
    return Ratio(bound.numerator.of(standing), over.of(standing) if over else 1)


def _is_some(part: Ratio | None) -> bool:
    return part is not None and bool(part.numerator or part.denominator)


def _sum(parts: Iterable[Ratio | None]) -> Ratio:
    known = [part for part in parts if part is not None]
    return Ratio(sum(part.numerator for part in known), sum(part.denominator for part in known))
