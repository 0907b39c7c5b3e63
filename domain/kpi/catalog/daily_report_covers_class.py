"""Daily report covers the class (日报反馈培训时间和人数): no report is recorded yet (S32)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.classes import CLASSES

DAILY_REPORT_COVERS_CLASS = Kpi(
    slug="daily_report_covers_class",
    source=("S32",),
    subject=CLASSES,
    numerator=None,
    denominator=None,
    unit="percent",
    direction="higher_is_better",
    example=Example(Ratio(0, 0), None),
)
