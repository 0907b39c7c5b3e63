"""The pages of trainees: the home of everything that is recorded about a newcomer (S4)."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, CommandKind, Related, Resource, Section
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.newcomer_state import state_of
from domain.kpi.subjects.window import Windows
from domain.trainees.trainee import Trainee
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.trainees.cohort_roster import TRAINEE_LIST, TraineeRow
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from services.reading.moment import Moment, question_at
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
    WithdrawLeaving,
)
from services.trainees.selling import (
    FileComplaint,
    ReassignOrder,
    RecordOrder,
    VoidOrder,
    WithdrawComplaint,
)
from services.trainees.trainee import (
    ChangeManager,
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordExamResult,
    RecordLeaving,
    RecordMakeupMissed,
    RecordSpotCheck,
    RecordTrialVerdict,
    RejoinTrainee,
    TransferTrainee,
)

STEPS: dict[str, tuple[CommandKind, ...]] = {
    "in_training": (RecordTrialVerdict, RecordExamResult, GoLive),
    "live": (RecordOrder, RecordSpotCheck),
    "held": (GoLive,),
    "left": (RejoinTrainee,),
    "eliminated": (),
}
"""What comes next, by where the trainee stands."""

_ORDERS = (Trainee.OrderClosed, Trainee.OrderTakenOver, Trainee.OrderCorrected)
_LEAVINGS = (Trainee.Left, Trainee.Eliminated, Trainee.LeavingCorrected)


def _steps(row: TraineeRow) -> Iterable[CommandKind]:
    return STEPS[row.status]


async def _window(
    page: PageContext, row: TraineeRow, moment: Moment | None
) -> dict[str, Any] | None:
    """The days that count, and which orders do; None before the go-live."""
    reader = page.app.lists(page.tenant, moment)
    newcomer = (await reader.newcomers([row.trainee_id])).get(row.trainee_id)
    if newcomer is None:
        return None
    scheme = Scheme(tuple(one.version for one in await reader.scheme_versions()))
    day = question_at(moment, page.today).happened_by
    windows = Windows(scheme, day, ZoneInfo(page.principal.zone))
    window = windows.of(newcomer)
    if window is None:
        return None
    return {
        "window": window,
        "day": min((day - window.first_day).days + 1, window.rules.window_days),
        "state": state_of(newcomer, window, windows),
        "orders": [(one, window.excludes(one)) for one in newcomer.orders if one.is_known(day)],
    }


TRAINEES = Resource(
    listing=TRAINEE_LIST,
    aggregate=Trainee,
    named_in="employee_no",
    named_by="employee_no",
    title="name",
    opening=EnrolTrainee,
    commands=(
        RecordTrialVerdict,
        RecordExamResult,
        RecordMakeupMissed,
        GoLive,
        RecordOrder,
        RecordSpotCheck,
        FileComplaint,
        ChangeManager,
        TransferTrainee,
        HoldOffPost,
        RecordLeaving,
        EliminateTrainee,
        RejoinTrainee,
    ),
    amendments=(
        Amendment(CorrectEnrolment, (Trainee.Enrolled, Trainee.EnrolmentCorrected)),
        Amendment(
            CorrectTrialVerdict, (Trainee.TrialPassed, Trainee.TrialFailed, Trainee.TrialCorrected)
        ),
        Amendment(
            CorrectExamResult,
            (
                Trainee.WrittenExamRecorded,
                Trainee.DrillRecorded,
                Trainee.MakeupMissed,
                Trainee.ExamCorrected,
            ),
        ),
        Amendment(CorrectGoLive, (Trainee.WentLive, Trainee.GoLiveCorrected)),
        Amendment(CorrectOrder, _ORDERS),
        Amendment(ReassignOrder, _ORDERS, restates=False, asks="employee_no"),
        Amendment(VoidOrder, _ORDERS, restates=False),
        Amendment(WithdrawComplaint, (Trainee.ComplaintFiled,), restates=False),
        Amendment(CorrectLeaving, _LEAVINGS),
        Amendment(WithdrawLeaving, _LEAVINGS, restates=False),
    ),
    steps=_steps,
    repeated=frozenset({"cohort", "entered_on", "post", "manager"}),
    is_imported=True,
    final=frozenset({TransferTrainee, RejoinTrainee, VoidOrder, WithdrawComplaint}),
    related=(Related(FOLLOW_UP_LIST, "trainee"),),
    sections=(Section("_window.html", _window, of=(NEWCOMERS, SCHEMES)),),
)
