"""The scheme of the source for its channel trainers, version 1 (S22 to S38, spec of the KPIs).

The source breaks off after these five lines: 65 are defined, 35 are not (T1). Where it left a
target blank, none is set (T2).
"""

from decimal import Decimal

from domain.kernel.values import Ratio
from domain.kpi.scheme.lines import Criterion, Dimension, Line

ALL = Ratio(1, 1)

RESULTS, WORK = Dimension("1"), Dimension("2")
"""The results in the first month, and the training work (S22, S26)."""

CHANNEL_TRAINER: tuple[Line, ...] = (
    Line("1.1", Decimal(15), (Criterion("order_rate"),), dimension=RESULTS),
    Line("1.2", Decimal(15), (Criterion("average_orders"),), dimension=RESULTS),
    Line(
        "2.1",
        Decimal(10),
        (Criterion("trial_feedback_complete", ALL), Criterion("trial_pass_rate", Ratio(4, 5))),
        dimension=WORK,
    ),
    Line(
        "2.2",
        Decimal(15),
        (
            Criterion("class_opened_on_time", ALL),
            Criterion("daily_report_covers_class", ALL),
            Criterion("summary_written", ALL),
            Criterion("plan_kept", ALL),
            Criterion("gate_respected", ALL),
        ),
        dimension=WORK,
    ),
    Line("2.3", Decimal(10), (Criterion("spot_checks_done", ALL),), dimension=WORK),
)
