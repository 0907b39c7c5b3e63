"""The list of commands: the permission that each takes, its handler, and the aggregate it changes.

Doors derive from this list: GraphQL's mutations (api/graphql/types/mutations.py) with their
permissions.
"""

from typing import Any, get_type_hints

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kpi.scheme.scheme import KpiScheme
from domain.people.department import Department
from domain.people.partner import Partner
from domain.people.person import Person
from domain.reporting.report import Report
from domain.reporting.submission import Submission
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.follow_up import FollowUp
from domain.trainees.trainee import Trainee
from services.importing import teaching, undoing
from services.importing.sheets import leavings, results, roster
from services.importing.sheets import orders as order_sheet
from services.kernel.handler import Handler
from services.kernel.permissions import Permission
from services.people import access_rules, department, partner, person
from services.reporting import report, submission
from services.scheme import scheme
from services.teaching import cohort, session
from services.trainees import correction, follow_up, selling, trainee, withdrawal


class CommandRow(msgspec.Struct, frozen=True):
    """The permission, handler and answer of a command.

    answers: the aggregate that a mutation shows after it; None for a command that is none of
    GraphQL's: a sheet's rows, and what only workers give.
    """

    permission: Permission
    handler: Handler[Any]
    answers: type[Aggregate] | None = None


def _commands(
    permission: Permission, answers: type[Aggregate] | None, *handlers: Handler[Any]
) -> dict[type[msgspec.Struct], CommandRow]:
    """The rows of commands that take one permission; each is its handler's second argument."""
    hints = [list(get_type_hints(one).values()) for one in handlers]
    return {
        command: CommandRow(permission, one, answers)
        for one, (_, command, *_) in zip(handlers, hints, strict=True)
    }


COMMANDS: dict[type[msgspec.Struct], CommandRow] = {
    **_commands(
        Permission.MANAGE_ACCESS,
        None,
        partner.join_partner,
        access_rules.require_codes,
        access_rules.leave_codes,
    ),
    **_commands(
        Permission.MANAGE_PEOPLE,
        Person,
        person.register_person,
        person.correct_registration,
        person.confirm_person,
        person.number_person,
        person.rename_person,
        person.change_contacts,
        person.assign_post,
        person.assign_department,
        person.assign_manager,
        person.record_absence,
        person.record_return,
        person.record_departure,
        person.record_comeback,
        person.join_persons,
        person.withdraw_joining,
        person.withdraw_person_fact,
        person.assign_role,
        person.end_role,
        person.suspend_person,
        person.reinstate_person,
    ),
    **_commands(
        Permission.MANAGE_PEOPLE,
        Department,
        department.open_department,
        department.correct_department_opening,
        department.rename_department,
        department.change_head,
        department.move_department,
        department.close_department,
        department.withdraw_department_fact,
    ),
    **_commands(Permission.WRITE_SCHEME, KpiScheme, scheme.publish_scheme),
    **_commands(Permission.WRITE_SCHEME_FOR_ALL, None, scheme.adopt_scheme),
    **_commands(
        Permission.WRITE_COHORTS,
        Cohort,
        cohort.open_cohort,
        cohort.correct_cohort_opening,
        cohort.withdraw_cohort_opening,
        cohort.hand_over_cohort,
        cohort.correct_handover,
        cohort.withdraw_handover,
    ),
    **_commands(Permission.APPROVE_PLANS, Session, session.approve_plan_change),
    **_commands(
        Permission.WRITE_SESSIONS,
        Session,
        session.plan_session,
        session.open_session,
        session.correct_opening,
        session.close_session,
        session.correct_closing,
        session.write_summary,
        session.correct_summary,
        session.cancel_session,
    ),
    **_commands(
        Permission.WRITE_TRAINEES,
        Trainee,
        trainee.enrol_trainee,
        trainee.rejoin_trainee,
        trainee.transfer_trainee,
        trainee.change_manager,
        trainee.change_post,
        trainee.go_live,
        trainee.hold_off_post,
        trainee.record_leaving,
        trainee.eliminate_trainee,
        selling.file_complaint,
        selling.withdraw_complaint,
        correction.correct_enrolment,
        correction.correct_go_live,
        correction.correct_leaving,
        withdrawal.withdraw_fact,
    ),
    **_commands(
        Permission.WRITE_FOLLOW_UPS,
        FollowUp,
        follow_up.open_follow_up,
        follow_up.note_follow_up,
        follow_up.agree_action,
        follow_up.correct_action,
        follow_up.record_action_done,
        follow_up.drop_follow_up,
        follow_up.withdraw_follow_up_end,
    ),
    **_commands(
        Permission.WRITE_SCORES,
        Trainee,
        trainee.record_trial_verdict,
        trainee.record_exam_result,
        trainee.record_makeup_missed,
        trainee.record_spot_check,
        correction.correct_trial_verdict,
        correction.correct_exam_result,
    ),
    **_commands(
        Permission.WRITE_ORDERS,
        Trainee,
        selling.record_order,
        selling.reassign_order,
        selling.void_order,
        correction.correct_order,
    ),
    **_commands(
        Permission.IMPORT_FILES,
        None,
        roster.import_roster_row,
        results.import_result_row,
        order_sheet.import_order_row,
        leavings.import_leaving_row,
        undoing.undo_import,
        undoing.undo_naming,
    ),
    **_commands(Permission.IMPORT_FILES, Partner, teaching.teach_word, teaching.forget_word),
    **_commands(Permission.REQUEST_REPORTS, Report, report.request_report),
    **_commands(
        Permission.RECORD_REPORTS, None, report.record_rendered, report.record_rendering_failed
    ),
    **_commands(
        Permission.SUBMIT_FIGURES,
        Submission,
        submission.submit_figures,
        submission.acknowledge_restatement,
        submission.submit_again,
    ),
    **_commands(Permission.RECORD_RESTATEMENTS, None, submission.record_restatement),
}
