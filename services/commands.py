"""Commands: who may give each, what handles it, and how it is carried out.

`execute` loads, decides, appends, and decides again when somebody else was faster. All that a
command decides is written in one transaction or not at all. The first decision may be made without
the newest, since the log checks what is written against what is; a refusal, or a decision to write
nothing, only ever stands when it was made on what was read afresh.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from domain.kernel.errors import ConflictError, Refusal
from services.importing import rows
from services.kernel.context import Context
from services.kernel.permissions import Permission, require
from services.kernel.ports import ClaimTakenError, Idempotency, Receipt
from services.kernel.work import Work
from services.people import partner
from services.reporting import report, submission
from services.scheme import scheme
from services.teaching import cohort, session
from services.trainees import complaint, correction, order, trainee

ATTEMPTS = 8
"""How often a decision is made anew when another command was faster."""

Handler = Callable[[Work, Any], Awaitable[str]]


class Row(msgspec.Struct, frozen=True):
    """A command's row: its permission and its handler."""

    permission: Permission
    handler: Handler


COMMANDS: dict[type[msgspec.Struct], Row] = {
    partner.JoinPartner: Row(Permission.MANAGE_ACCESS, partner.join_partner),
    scheme.PublishScheme: Row(Permission.WRITE_SCHEME, scheme.publish_scheme),
    scheme.AdoptScheme: Row(Permission.WRITE_SCHEME_FOR_ALL, scheme.adopt_scheme),
    cohort.OpenCohort: Row(Permission.WRITE_COHORTS, cohort.open_cohort),
    cohort.HandOverCohort: Row(Permission.WRITE_COHORTS, cohort.hand_over_cohort),
    session.PlanSession: Row(Permission.WRITE_COHORTS, session.plan_session),
    session.ApprovePlanChange: Row(Permission.APPROVE_PLANS, session.approve_plan_change),
    session.OpenSession: Row(Permission.WRITE_COHORTS, session.open_session),
    session.CorrectOpening: Row(Permission.WRITE_COHORTS, session.correct_opening),
    session.CloseSession: Row(Permission.WRITE_COHORTS, session.close_session),
    session.CorrectClosing: Row(Permission.WRITE_COHORTS, session.correct_closing),
    session.WriteSummary: Row(Permission.WRITE_COHORTS, session.write_summary),
    session.CorrectSummary: Row(Permission.WRITE_COHORTS, session.correct_summary),
    session.CancelSession: Row(Permission.WRITE_COHORTS, session.cancel_session),
    trainee.EnrolTrainee: Row(Permission.WRITE_TRAINEES, trainee.enrol_trainee),
    trainee.RejoinTrainee: Row(Permission.WRITE_TRAINEES, trainee.rejoin_trainee),
    trainee.TransferTrainee: Row(Permission.WRITE_TRAINEES, trainee.transfer_trainee),
    trainee.ChangeManager: Row(Permission.WRITE_TRAINEES, trainee.change_manager),
    trainee.RecordTrialVerdict: Row(Permission.WRITE_SCORES, trainee.record_trial_verdict),
    trainee.RecordExamResult: Row(Permission.WRITE_SCORES, trainee.record_exam_result),
    trainee.RecordMakeupMissed: Row(Permission.WRITE_SCORES, trainee.record_makeup_missed),
    trainee.GoLive: Row(Permission.WRITE_TRAINEES, trainee.go_live),
    trainee.HoldOffPost: Row(Permission.WRITE_TRAINEES, trainee.hold_off_post),
    trainee.RecordSpotCheck: Row(Permission.WRITE_SCORES, trainee.record_spot_check),
    trainee.RecordLeaving: Row(Permission.WRITE_TRAINEES, trainee.record_leaving),
    trainee.EliminateTrainee: Row(Permission.WRITE_TRAINEES, trainee.eliminate_trainee),
    order.RecordOrder: Row(Permission.WRITE_ORDERS, order.record_order),
    order.ReassignOrder: Row(Permission.WRITE_ORDERS, order.reassign_order),
    order.VoidOrder: Row(Permission.WRITE_ORDERS, order.void_order),
    complaint.FileComplaint: Row(Permission.WRITE_TRAINEES, complaint.file_complaint),
    complaint.WithdrawComplaint: Row(Permission.WRITE_TRAINEES, complaint.withdraw_complaint),
    correction.CorrectEnrolment: Row(Permission.WRITE_TRAINEES, correction.correct_enrolment),
    correction.CorrectTrialVerdict: Row(Permission.WRITE_SCORES, correction.correct_trial_verdict),
    correction.CorrectExamResult: Row(Permission.WRITE_SCORES, correction.correct_exam_result),
    correction.CorrectGoLive: Row(Permission.WRITE_TRAINEES, correction.correct_go_live),
    correction.CorrectOrder: Row(Permission.WRITE_ORDERS, correction.correct_order),
    correction.CorrectLeaving: Row(Permission.WRITE_TRAINEES, correction.correct_leaving),
    correction.WithdrawLeaving: Row(Permission.WRITE_TRAINEES, correction.withdraw_leaving),
    rows.ImportRosterRow: Row(Permission.IMPORT_FILES, rows.import_roster_row),
    rows.ImportOrderRow: Row(Permission.IMPORT_FILES, rows.import_order_row),
    report.RequestReport: Row(Permission.REQUEST_REPORTS, report.request_report),
    report.RecordRendered: Row(Permission.RECORD_REPORTS, report.record_rendered),
    report.RecordRenderingFailed: Row(Permission.RECORD_REPORTS, report.record_rendering_failed),
    submission.SubmitFigures: Row(Permission.SUBMIT_FIGURES, submission.submit_figures),
    submission.RecordRestatement: Row(
        Permission.RECORD_RESTATEMENTS, submission.record_restatement
    ),
    submission.AcknowledgeRestatement: Row(
        Permission.SUBMIT_FIGURES, submission.acknowledge_restatement
    ),
    submission.SubmitAgain: Row(Permission.SUBMIT_FIGURES, submission.submit_again),
}


class Done(msgspec.Struct, frozen=True):
    """A command was carried out (or had been, with this key).

    position: the tenant's position after it. stream_id: the changed thing. events: how many were
    written.
    """

    position: int
    stream_id: str
    events: int
    repeated: bool = False
    answer: dict[str, Any] = {}


async def execute(ctx: Context, command: msgspec.Struct) -> Done:
    """Carries out one command. Raises Refusal; `overtaken` after ATTEMPTS defeats."""
    row = COMMANDS[type(command)]
    require(ctx.principal, row.permission)
    idempotency = _idempotency(ctx, command)
    for attempt in range(ATTEMPTS):
        work = Work(ctx, fresh=attempt > 0)
        try:
            stream_id = await row.handler(work, command)
            return await _append(ctx, work, stream_id, idempotency)
        except ConflictError:
            continue
        except Refusal:
            if attempt > 0:
                # Perhaps this very command was carried out before: then its answer is ours.
                if idempotency and (answer := await _recall(ctx, idempotency)):
                    return answer
                raise
    raise Refusal("overtaken")


async def _append(
    ctx: Context, work: Work, stream_id: str, idempotency: Idempotency | None
) -> Done:
    result = {"stream_id": stream_id, "events": work.pending(), "answer": work.answer}
    try:
        # A decision to write nothing is handed on too: the log checks the versions it was made on.
        receipt = await ctx.log.append(work.append(result, idempotency))
    except ClaimTakenError as error:
        raise work.refusal(error.claim) from error
    return _done(receipt)


async def _recall(ctx: Context, idempotency: Idempotency) -> Done | None:
    receipt = await ctx.log.recall(ctx.principal.tenant, idempotency)
    return _done(receipt) if receipt else None


def _done(receipt: Receipt) -> Done:
    return Done(
        position=receipt.position,
        stream_id=receipt.result["stream_id"],
        events=receipt.result["events"],
        repeated=receipt.repeated,
        answer=receipt.result.get("answer", {}),
    )


def _idempotency(ctx: Context, command: msgspec.Struct) -> Idempotency | None:
    if ctx.idempotency_key is None:
        return None
    # Keyed with the caller's key, so that equal payloads of different requests do not look alike.
    digest = hashlib.blake2b(
        type(command).__name__.encode() + msgspec.json.encode(command),
        key=hashlib.sha256(ctx.idempotency_key.encode()).digest(),
        digest_size=16,
    )
    return Idempotency(key=ctx.idempotency_key, fingerprint=digest.digest())
