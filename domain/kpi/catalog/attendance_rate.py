"""Attendance rate (出勤率): no sign-in is recorded yet (S93)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.classes import CLASSES

ATTENDANCE_RATE = Kpi(
    slug="attendance_rate",
    source=("S93",),
    subject=CLASSES,
    numerator=None,
    denominator=None,
    unit="percent",
    direction="higher_is_better",
    example=Example(Ratio(0, 0), None),
)
