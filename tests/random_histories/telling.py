"""What an accepted command tells the oracle, in plain words."""

from collections.abc import Callable
from typing import Any

from services.scheme.scheme import PublishScheme
from services.teaching.cohort import (
    CorrectCohortOpening,
    CorrectHandover,
    HandOverCohort,
    OpenCohort,
    WithdrawCohortOpening,
    WithdrawHandover,
)
from services.teaching.session import (
    ApprovePlanChange,
    CancelSession,
    CloseSession,
    CorrectClosing,
    CorrectOpening,
    CorrectSummary,
    OpenSession,
    PlanSession,
    WriteSummary,
)
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
)
from services.trainees.follow_up import (
    AgreeAction,
    CorrectAction,
    DropFollowUp,
    NoteFollowUp,
    OpenFollowUp,
    RecordActionDone,
    WithdrawFollowUpEnd,
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
    ChangePost,
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
from tests.oracle.classes import Fact
from tests.oracle.standing import DEFAULTS

CORRECTED: dict[type, tuple[str, ...]] = {
    CorrectTrialVerdict: ("trial",),
    CorrectExamResult: ("exam", "makeup missed"),
    CorrectGoLive: ("live",),
}
"""The kinds of facts that a correction may name by their ids."""


UNCOUNTED = (
    OpenFollowUp,
    NoteFollowUp,
    AgreeAction,
    CorrectAction,
    RecordActionDone,
    DropFollowUp,
    WithdrawFollowUpEnd,
)
"""What no figure counts."""

JOINING = ("enrolled", "rejoined")


def told(command: Any, stream_id: str, numbers: dict[str, str]) -> Fact:
    """An accepted command in plain words.

    stream_id: of whom it changed. numbers: employee number -> who has it, kept up to date.
    """
    if isinstance(command, PublishScheme):
        rules = {name: getattr(command.parameters, name) for name in DEFAULTS}
        return {"kind": "scheme published", "month": command.effective_from, "rules": rules}
    fact = PLAIN[type(command)](command)
    number = getattr(command, "employee_no", None)
    if isinstance(command, RejoinTrainee):
        fact["was"] = numbers[command.employee_no]
    if isinstance(command, EnrolTrainee | RejoinTrainee):
        numbers[command.employee_no] = stream_id
    if isinstance(command, (*CORRECTED, RecordOrder, FileComplaint)):
        fact["who"] = stream_id  # It may be of an earlier enrolment.
    elif number is not None:
        fact["to" if isinstance(command, ReassignOrder) else "who"] = numbers[number]
    return fact


def _was_on(command: CorrectEnrolment | CorrectLeaving) -> Fact:
    return {} if command.was_on is None else {"was_on": command.was_on}


def _correct_enrolment(command: CorrectEnrolment) -> Fact:
    """Only what it says; a blank manager means none."""
    fact: Fact = {"kind": "enrolment corrected"} | _was_on(command)
    if command.entered_on is not None:
        fact["on"] = command.entered_on
    if command.manager is not None:
        fact["manager"] = command.manager or None
    if command.post is not None:
        fact["post"] = command.post
    return fact


def _correct_opening(command: CorrectCohortOpening) -> Fact:
    """Only what it says; a blank training manager means none."""
    fact: Fact = {"kind": "batch opened corrected", "batch": command.cohort}
    if command.opened_on is not None:
        fact["on"] = command.opened_on
    if command.training_manager is not None:
        fact["training_manager"] = command.training_manager or None
    return fact


def _of_class(kind: str) -> Callable[[Any], Fact]:
    return lambda c: {"kind": kind, "session": c.session, "on": c.on}


def _class_ended(command: CloseSession | CorrectClosing) -> Fact:
    return _of_class("class ended")(command) | {"topics": command.topics_taught}


PLAIN: dict[type, Callable[[Any], Fact]] = {
    OpenCohort: lambda c: {
        "kind": "batch opened",
        "batch": c.code,
        "training_manager": c.training_manager,
        "on": c.opened_on,
    },
    HandOverCohort: lambda c: {
        "kind": "handed over",
        "batch": c.cohort,
        "training_manager": c.training_manager,
        "on": c.on,
    },
    CorrectCohortOpening: _correct_opening,
    CorrectHandover: lambda c: {
        "kind": "handed over corrected",
        "batch": c.cohort,
        "was_on": c.was_on,
        "training_manager": c.training_manager,
        "on": c.on,
    },
    WithdrawCohortOpening: lambda c: {"kind": "batch withdrawn", "batch": c.cohort},
    WithdrawHandover: lambda c: {
        "kind": "handover withdrawn",
        "batch": c.cohort,
        "was_on": c.was_on,
    },
    PlanSession: lambda c: {
        "kind": "class planned",
        "session": c.code,
        "batch": c.cohort,
        "planned_on": c.planned_on,
        "topics": c.topics,
    },
    ApprovePlanChange: lambda c: {
        "kind": "class replanned",
        "session": c.session,
        "planned_on": c.planned_on,
        "topics": c.topics,
        "on": c.on,
    },
    OpenSession: _of_class("class opened"),
    CorrectOpening: _of_class("class opened corrected"),
    CloseSession: _class_ended,
    CorrectClosing: _class_ended,
    WriteSummary: _of_class("class summed up"),
    CorrectSummary: _of_class("class summed up corrected"),
    CancelSession: _of_class("class cancelled"),
    EnrolTrainee: lambda c: {
        "kind": "enrolled",
        "cohort": c.cohort,
        "manager": c.manager,
        "post": c.post,
        "on": c.entered_on,
    },
    RejoinTrainee: lambda c: {
        "kind": "rejoined",
        "cohort": c.cohort,
        "manager": c.manager,
        "post": c.post,
        "on": c.entered_on,
    },
    CorrectEnrolment: _correct_enrolment,
    TransferTrainee: lambda c: {"kind": "transferred", "cohort": c.cohort, "on": c.on},
    ChangePost: lambda c: {"kind": "post changed", "post": c.post, "on": c.on},
    ChangeManager: lambda c: {"kind": "manager changed", "manager": c.manager, "on": c.on},
    RecordTrialVerdict: lambda c: {
        "kind": "trial",
        "passed": c.verdict == "passed",
        "feedback": bool(c.feedback),
        "on": c.on,
    },
    CorrectTrialVerdict: lambda c: {
        "kind": "trial corrected",
        "was_on": c.was_on,
        "passed": c.verdict == "passed",
        "feedback": bool(c.feedback),
        "on": c.on,
    },
    RecordExamResult: lambda c: {
        "kind": "exam",
        "paper": c.kind,
        "passed": c.passed,
        "score": c.score,
        "on": c.on,
    },
    CorrectExamResult: lambda c: {
        "kind": "exam corrected",
        "paper": c.kind,
        "was_on": c.was_on,
        "passed": c.passed,
        "score": c.score,
        "on": c.on,
    },
    RecordMakeupMissed: lambda c: {
        "kind": "makeup missed",
        "paper": c.kind,
        "on": c.on,
    },
    GoLive: lambda c: {"kind": "live", "on": c.on},
    CorrectGoLive: lambda c: {"kind": "live corrected", "was_on": c.was_on, "on": c.on},
    HoldOffPost: lambda c: {"kind": "held", "on": c.on},
    RecordSpotCheck: lambda c: {"kind": "spot check", "feedback": bool(c.feedback), "on": c.on},
    RecordLeaving: lambda c: {"kind": "left", "on": c.on},
    EliminateTrainee: lambda c: {"kind": "eliminated", "on": c.on},
    CorrectLeaving: lambda c: {"kind": "leaving corrected", "on": c.on} | _was_on(c),
    RecordOrder: lambda c: {"kind": "order", "no": c.order_no, "on": c.closed_on},
    CorrectOrder: lambda c: {"kind": "order corrected", "no": c.order_no, "on": c.closed_on},
    ReassignOrder: lambda c: {"kind": "reassigned", "no": c.order_no, "on": c.on},
    VoidOrder: lambda c: {"kind": "voided", "no": c.order_no, "on": c.on},
    FileComplaint: lambda c: {"kind": "complaint", "no": c.complaint_no, "on": c.on},
    WithdrawComplaint: lambda c: {
        "kind": "complaint withdrawn",
        "no": c.complaint_no,
        "on": c.on,
    },
}
