"""Every KPI there is, in the order in which people see them; one file declares one KPI."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain.kernel.errors import NotFoundError
from domain.kpi.catalog.attendance_rate import ATTENDANCE_RATE
from domain.kpi.catalog.average_exam_score import AVERAGE_EXAM_SCORE
from domain.kpi.catalog.average_orders import AVERAGE_ORDERS
from domain.kpi.catalog.class_opened_on_time import CLASS_OPENED_ON_TIME
from domain.kpi.catalog.complaint_rate import COMPLAINT_RATE
from domain.kpi.catalog.daily_report_covers_class import DAILY_REPORT_COVERS_CLASS
from domain.kpi.catalog.days_late import DAYS_LATE
from domain.kpi.catalog.days_to_first_order import DAYS_TO_FIRST_ORDER
from domain.kpi.catalog.days_to_go_live import DAYS_TO_GO_LIVE
from domain.kpi.catalog.elimination_rate import ELIMINATION_RATE
from domain.kpi.catalog.employed import EMPLOYED
from domain.kpi.catalog.entered import ENTERED
from domain.kpi.catalog.exam_first_pass_rate import EXAM_FIRST_PASS_RATE
from domain.kpi.catalog.gate_respected import GATE_RESPECTED
from domain.kpi.catalog.order_rate import ORDER_RATE
from domain.kpi.catalog.orders_by_day import ORDERS_BY_DAY
from domain.kpi.catalog.orders_in_first_week import ORDERS_IN_FIRST_WEEK
from domain.kpi.catalog.plan_kept import PLAN_KEPT
from domain.kpi.catalog.retention_30 import RETENTION_30
from domain.kpi.catalog.retention_60 import RETENTION_60
from domain.kpi.catalog.retention_90 import RETENTION_90
from domain.kpi.catalog.spot_checks_done import SPOT_CHECKS_DONE
from domain.kpi.catalog.submissions_in_time import SUBMISSIONS_IN_TIME
from domain.kpi.catalog.summary_written import SUMMARY_WRITTEN
from domain.kpi.catalog.trial_feedback_complete import TRIAL_FEEDBACK_COMPLETE
from domain.kpi.catalog.trial_pass_rate import TRIAL_PASS_RATE
from domain.kpi.catalog.trial_pass_rate_of_entered import TRIAL_PASS_RATE_OF_ENTERED
from domain.kpi.catalog.went_live import WENT_LIVE
from domain.kpi.kpi import Kpi
from domain.kpi.subject import Subject
from domain.kpi.subjects.classes import CLASSES
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.subjects.submissions import SUBMISSIONS

CATALOG: tuple[Kpi, ...] = (
    ORDER_RATE,
    AVERAGE_ORDERS,
    TRIAL_PASS_RATE,
    TRIAL_PASS_RATE_OF_ENTERED,
    TRIAL_FEEDBACK_COMPLETE,
    CLASS_OPENED_ON_TIME,
    DAILY_REPORT_COVERS_CLASS,
    SUMMARY_WRITTEN,
    PLAN_KEPT,
    GATE_RESPECTED,
    SPOT_CHECKS_DONE,
    ENTERED,
    WENT_LIVE,
    EMPLOYED,
    ELIMINATION_RATE,
    EXAM_FIRST_PASS_RATE,
    AVERAGE_EXAM_SCORE,
    ATTENDANCE_RATE,
    DAYS_TO_GO_LIVE,
    DAYS_TO_FIRST_ORDER,
    ORDERS_BY_DAY,
    ORDERS_IN_FIRST_WEEK,
    COMPLAINT_RATE,
    RETENTION_30,
    RETENTION_60,
    RETENTION_90,
    DAYS_LATE,
    SUBMISSIONS_IN_TIME,
)

SUBJECTS: tuple[Subject, ...] = (NEWCOMERS, CLASSES, SUBMISSIONS)
"""Everything that a KPI counts."""

HEADLINES: tuple[Kpi, ...] = tuple(kpi for kpi in CATALOG if kpi.is_headline)
"""Those that are shown at a glance: the source's own (S23, S25, S29)."""

NEWCOMER_FIGURES: tuple[Kpi, ...] = (
    *HEADLINES,
    TRIAL_PASS_RATE_OF_ENTERED,
    ENTERED,
    WENT_LIVE,
    EMPLOYED,
)
"""Those that every board of newcomers shows."""

BY_SLUG: Mapping[str, Kpi] = MappingProxyType({kpi.slug: kpi for kpi in CATALOG})


def kpis(slugs: Iterable[str] | None = None) -> tuple[Kpi, ...]:
    """These KPIs in the order given, or all. Raises NotFoundError `kpi_unknown`."""
    if slugs is None:
        return CATALOG
    return tuple(map(kpi_by_slug, slugs))


def kpi_by_slug(slug: str) -> Kpi:
    """Raises NotFoundError `kpi_unknown`."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise NotFoundError("kpi_unknown", field="kpis", kpi=slug, known=list(BY_SLUG))
    return found


def measures(kpis: Iterable[Kpi]) -> tuple[Measure, ...]:
    """The measures of several KPIs, each once."""
    found = {measure.slug: measure for kpi in kpis for measure in kpi.measures}
    return tuple(found.values())
