"""The statements that may look at several tenants, each with its reason: all that there are.

What is not here: `log_append`, the fast append over several tenants, is one call without a table,
and is sent to plain PostgreSQL alone.
"""

from infra.headoffice import head_office, head_office_what_ifs
from infra.log import log_sealer
from infra.readside import checkpoints, rebuild, series, skipped, waiting
from infra.work import scheduler
from projections.figures import hq_series
from projections.kernel import progress

LOOK_FOR_WORK = "whoever does the work looks for tenants that have some, and sees no data"
WAITING = "all who wait in a process look together how far their tenants' read models are"
HEALTH = "health and metrics count over all tenants"
HEAD_OFFICE = "head office asks about all partners"

EXCEPTIONS: dict[str, str] = {
    checkpoints.BEHIND: LOOK_FOR_WORK,
    head_office.BEHIND: LOOK_FOR_WORK,
    head_office_what_ifs.UNDER_WAY: LOOK_FOR_WORK,
    scheduler.WAITING: LOOK_FOR_WORK,
    rebuild.TENANTS: LOOK_FOR_WORK,
    scheduler.DUE: LOOK_FOR_WORK,
    series.DUE: LOOK_FOR_WORK,
    log_sealer.SEALED: LOOK_FOR_WORK,
    waiting.REACHED: WAITING,
    progress.REACHED: WAITING,
    log_sealer.UNSEALED: HEALTH,
    checkpoints.LAG: HEALTH,
    checkpoints.PARKED: HEALTH,
    skipped.SKIPS: HEALTH,
    series.UNFILLED: HEALTH,
    head_office_what_ifs.HEADS: HEAD_OFFICE,
    head_office_what_ifs.PROGRESS: HEAD_OFFICE,
    head_office_what_ifs.ANSWERS: HEAD_OFFICE,
    head_office_what_ifs.UNANSWERED: HEAD_OFFICE,
    hq_series.LEAGUE: HEAD_OFFICE,
    hq_series.PARTNERS: HEAD_OFFICE,
    hq_series.PARTNER_COUNT: HEAD_OFFICE,
    hq_series.PARTNERS_BACKWARD: HEAD_OFFICE,
    hq_series.POINTS: HEAD_OFFICE,
    hq_series.EVERYBODYS_MONTH: HEAD_OFFICE,
    hq_series.MONTHS_OF_ONE: HEAD_OFFICE,
    hq_series.MONTHS: HEAD_OFFICE,
}
