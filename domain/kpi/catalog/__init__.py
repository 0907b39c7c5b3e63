"""Every KPI there is, in the order in which people see them; a file declares those of one kind."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain.kernel.errors import NotFoundError
from domain.kpi.catalog import classes, conduct, orders, people, qualification, recording
from domain.kpi.kpi import Kpi
from domain.kpi.rounding import Unit
from domain.kpi.subject import Subject
from domain.kpi.subjects.classes import CLASSES
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.subjects.submissions import SUBMISSIONS

CATALOG: tuple[Kpi, ...] = (
    orders.ORDER_RATE,
    orders.AVERAGE_ORDERS,
    qualification.TRIAL_PASS_RATE,
    qualification.TRIAL_PASS_RATE_OF_ENTERED,
    qualification.TRIAL_FEEDBACK_COMPLETE,
    classes.CLASS_OPENED_ON_TIME,
    classes.DAILY_REPORT_COVERS_CLASS,
    classes.SUMMARY_WRITTEN,
    classes.PLAN_KEPT,
    qualification.GATE_RESPECTED,
    conduct.SPOT_CHECKS_DONE,
    people.ENTERED,
    people.WENT_LIVE,
    people.EMPLOYED,
    people.ELIMINATION_RATE,
    qualification.EXAM_FIRST_PASS_RATE,
    qualification.AVERAGE_EXAM_SCORE,
    classes.ATTENDANCE_RATE,
    people.DAYS_TO_GO_LIVE,
    orders.DAYS_TO_FIRST_ORDER,
    orders.ORDERS_BY_DAY,
    orders.ORDERS_IN_FIRST_WEEK,
    conduct.COMPLAINT_RATE,
    people.RETENTION_30,
    people.RETENTION_60,
    people.RETENTION_90,
    recording.DAYS_LATE,
    recording.SUBMISSIONS_IN_TIME,
)

SUBJECTS: tuple[Subject, ...] = (NEWCOMERS, CLASSES, SUBMISSIONS)
"""Everything that a KPI counts."""

HEADLINES: tuple[Kpi, ...] = tuple(kpi for kpi in CATALOG if kpi.is_headline)
"""Those that are shown at a glance: the source's own (S23, S25, S29)."""

NEWCOMER_FIGURES: tuple[Kpi, ...] = (
    *HEADLINES,
    qualification.TRIAL_PASS_RATE_OF_ENTERED,
    people.ENTERED,
    people.WENT_LIVE,
    people.EMPLOYED,
)
"""Those that every board of newcomers shows."""

BY_SLUG: Mapping[str, Kpi] = MappingProxyType({kpi.slug: kpi for kpi in CATALOG})

UNITS: Mapping[str, Unit] = MappingProxyType({kpi.slug: kpi.unit for kpi in CATALOG})
"""What each KPI is measured in, by its slug."""


def kpis(slugs: Iterable[str] | None = None) -> tuple[Kpi, ...]:
    """The KPIs with these slugs, each once, in this order; all if none are given.

    Raises NotFoundError `kpi_unknown`.
    """
    if slugs is None:
        return CATALOG
    return tuple(map(kpi_by_slug, dict.fromkeys(slugs)))


def kpi_by_slug(slug: str) -> Kpi:
    """The KPI with this slug. Raises NotFoundError `kpi_unknown`."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise NotFoundError("kpi_unknown", field="kpis", kpi=slug, known=list(BY_SLUG))
    return found
