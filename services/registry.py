"""The commands: who may give each, over what, what handles it, and what it answers with.

Doors derive from this list: GraphQL's mutations (api/graphql/derived.py) with their permissions.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kpi.scheme.scheme import KpiScheme
from domain.reporting.report import Report
from domain.reporting.submission import Submission
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.follow_up import FollowUp
from domain.trainees.trainee import Trainee
from services.importing.sheets import orders as order_sheet
from services.importing.sheets import roster
from services.kernel.permissions import Permission
from services.kernel.work import Work
from services.people import partner
from services.reporting import report, submission
from services.scheme import scheme
from services.teaching import cohort, session
from services.trainees import complaint, correction, follow_up, order, trainee

Handler = Callable[[Work, Any], Awaitable[str]]


class Scope(StrEnum):
    """Over which of the tenant's things a permission holds."""

    ALL = "all"


class Row(msgspec.Struct, frozen=True):
    """What the doors need to know of a command beside its fields.

    answers: the aggregate that a mutation shows after it; None for a command that is none of
    GraphQL's: a sheet's rows, and what only workers give.
    """

    permission: Permission
    handler: Handler
    answers: type[Aggregate] | None = None
    scope: Scope = Scope.ALL


COMMANDS: dict[type[msgspec.Struct], Row] = {
    partner.JoinPartner: Row(Permission.MANAGE_ACCESS, partner.join_partner),
    scheme.PublishScheme: Row(Permission.WRITE_SCHEME, scheme.publish_scheme, answers=KpiScheme),
    scheme.AdoptScheme: Row(Permission.WRITE_SCHEME_FOR_ALL, scheme.adopt_scheme),
    cohort.OpenCohort: Row(Permission.WRITE_COHORTS, cohort.open_cohort, answers=Cohort),
    cohort.HandOverCohort: Row(Permission.WRITE_COHORTS, cohort.hand_over_cohort, answers=Cohort),
    session.PlanSession: Row(Permission.WRITE_COHORTS, session.plan_session, answers=Session),
    session.ApprovePlanChange: Row(
        Permission.APPROVE_PLANS, session.approve_plan_change, answers=Session
    ),
    session.OpenSession: Row(Permission.WRITE_COHORTS, session.open_session, answers=Session),
    session.CorrectOpening: Row(Permission.WRITE_COHORTS, session.correct_opening, answers=Session),
    session.CloseSession: Row(Permission.WRITE_COHORTS, session.close_session, answers=Session),
    session.CorrectClosing: Row(Permission.WRITE_COHORTS, session.correct_closing, answers=Session),
    session.WriteSummary: Row(Permission.WRITE_COHORTS, session.write_summary, answers=Session),
    session.CorrectSummary: Row(Permission.WRITE_COHORTS, session.correct_summary, answers=Session),
    session.CancelSession: Row(Permission.WRITE_COHORTS, session.cancel_session, answers=Session),
    trainee.EnrolTrainee: Row(Permission.WRITE_TRAINEES, trainee.enrol_trainee, answers=Trainee),
    trainee.RejoinTrainee: Row(Permission.WRITE_TRAINEES, trainee.rejoin_trainee, answers=Trainee),
    trainee.TransferTrainee: Row(
        Permission.WRITE_TRAINEES, trainee.transfer_trainee, answers=Trainee
    ),
    trainee.ChangeManager: Row(Permission.WRITE_TRAINEES, trainee.change_manager, answers=Trainee),
    trainee.RecordTrialVerdict: Row(
        Permission.WRITE_SCORES, trainee.record_trial_verdict, answers=Trainee
    ),
    trainee.RecordExamResult: Row(
        Permission.WRITE_SCORES, trainee.record_exam_result, answers=Trainee
    ),
    trainee.RecordMakeupMissed: Row(
        Permission.WRITE_SCORES, trainee.record_makeup_missed, answers=Trainee
    ),
    trainee.GoLive: Row(Permission.WRITE_TRAINEES, trainee.go_live, answers=Trainee),
    trainee.HoldOffPost: Row(Permission.WRITE_TRAINEES, trainee.hold_off_post, answers=Trainee),
    trainee.RecordSpotCheck: Row(
        Permission.WRITE_SCORES, trainee.record_spot_check, answers=Trainee
    ),
    trainee.RecordLeaving: Row(Permission.WRITE_TRAINEES, trainee.record_leaving, answers=Trainee),
    trainee.EliminateTrainee: Row(
        Permission.WRITE_TRAINEES, trainee.eliminate_trainee, answers=Trainee
    ),
    order.RecordOrder: Row(Permission.WRITE_ORDERS, order.record_order, answers=Trainee),
    order.ReassignOrder: Row(Permission.WRITE_ORDERS, order.reassign_order, answers=Trainee),
    order.VoidOrder: Row(Permission.WRITE_ORDERS, order.void_order, answers=Trainee),
    complaint.FileComplaint: Row(
        Permission.WRITE_TRAINEES, complaint.file_complaint, answers=Trainee
    ),
    complaint.WithdrawComplaint: Row(
        Permission.WRITE_TRAINEES, complaint.withdraw_complaint, answers=Trainee
    ),
    follow_up.OpenFollowUp: Row(
        Permission.WRITE_TRAINEES, follow_up.open_follow_up, answers=FollowUp
    ),
    follow_up.NoteFollowUp: Row(
        Permission.WRITE_TRAINEES, follow_up.note_follow_up, answers=FollowUp
    ),
    follow_up.AgreeAction: Row(Permission.WRITE_TRAINEES, follow_up.agree_action, answers=FollowUp),
    follow_up.CorrectAction: Row(
        Permission.WRITE_TRAINEES, follow_up.correct_action, answers=FollowUp
    ),
    follow_up.RecordActionDone: Row(
        Permission.WRITE_TRAINEES, follow_up.record_action_done, answers=FollowUp
    ),
    follow_up.DropFollowUp: Row(
        Permission.WRITE_TRAINEES, follow_up.drop_follow_up, answers=FollowUp
    ),
    follow_up.WithdrawFollowUpEnd: Row(
        Permission.WRITE_TRAINEES, follow_up.withdraw_follow_up_end, answers=FollowUp
    ),
    correction.CorrectEnrolment: Row(
        Permission.WRITE_TRAINEES, correction.correct_enrolment, answers=Trainee
    ),
    correction.CorrectTrialVerdict: Row(
        Permission.WRITE_SCORES, correction.correct_trial_verdict, answers=Trainee
    ),
    correction.CorrectExamResult: Row(
        Permission.WRITE_SCORES, correction.correct_exam_result, answers=Trainee
    ),
    correction.CorrectGoLive: Row(
        Permission.WRITE_TRAINEES, correction.correct_go_live, answers=Trainee
    ),
    correction.CorrectOrder: Row(
        Permission.WRITE_ORDERS, correction.correct_order, answers=Trainee
    ),
    correction.CorrectLeaving: Row(
        Permission.WRITE_TRAINEES, correction.correct_leaving, answers=Trainee
    ),
    correction.WithdrawLeaving: Row(
        Permission.WRITE_TRAINEES, correction.withdraw_leaving, answers=Trainee
    ),
    roster.ImportRosterRow: Row(Permission.IMPORT_FILES, roster.import_roster_row),
    order_sheet.ImportOrderRow: Row(Permission.IMPORT_FILES, order_sheet.import_order_row),
    report.RequestReport: Row(Permission.REQUEST_REPORTS, report.request_report, answers=Report),
    report.RecordRendered: Row(Permission.RECORD_REPORTS, report.record_rendered),
    report.RecordRenderingFailed: Row(Permission.RECORD_REPORTS, report.record_rendering_failed),
    submission.SubmitFigures: Row(
        Permission.SUBMIT_FIGURES, submission.submit_figures, answers=Submission
    ),
    submission.RecordRestatement: Row(
        Permission.RECORD_RESTATEMENTS, submission.record_restatement
    ),
    submission.AcknowledgeRestatement: Row(
        Permission.SUBMIT_FIGURES, submission.acknowledge_restatement, answers=Submission
    ),
    submission.SubmitAgain: Row(
        Permission.SUBMIT_FIGURES, submission.submit_again, answers=Submission
    ),
}
