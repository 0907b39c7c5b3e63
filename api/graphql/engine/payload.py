"""From a command to a payload: what was changed, at which position, or why it was refused."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec
import strawberry
from strawberry.scalars import JSON

from api.errors import plain, sentence
from api.graphql.engine.context import Ask, Info
from domain.kernel.errors import Refusal
from services.execute import Done, execute

PATHS: Mapping[str, str] = {
    "code_missing": "code",
    "name_missing": "name",
    "cohort_code_taken": "code",
    "cohort_unknown": "cohort",
    "training_manager_missing": "trainingManager",
    "handover_changes_nothing": "trainingManager",
    "session_code_taken": "code",
    "session_kind_unknown": "kind",
    "session_unknown": "session",
    "session_cancelled": "session",
    "session_already_opened": "session",
    "session_not_opened": "session",
    "session_already_closed": "session",
    "session_not_closed": "session",
    "topics_missing": "topics",
    "plan_unchanged": "plannedOn",
    "headcount_negative": "headcount",
    "summary_missing": "text",
    "summary_already_written": "session",
    "summary_not_written": "session",
    "employee_no_missing": "employeeNo",
    "employee_no_taken": "employeeNo",
    "trainee_unknown": "employeeNo",
    "post_unknown": "post",
    "feedback_missing": "feedback",
    "score_out_of_range": "score",
    "order_no_missing": "orderNo",
    "order_no_taken": "orderNo",
    "order_unknown": "orderNo",
    "order_already_voided": "orderNo",
    "amount_negative": "amount",
    "reason_missing": "reason",
    "not_left": "employeeNo",
    "already_in_cohort": "cohort",
    "manager_unchanged": "manager",
    "reassigned_to_holder": "employeeNo",
    "trial_unknown": "wasOn",
    "exam_unknown": "wasOn",
    "go_live_unknown": "wasOn",
    "complaint_no_missing": "complaintNo",
    "complaint_no_taken": "complaintNo",
    "complaint_unknown": "complaintNo",
    "complaint_already_withdrawn": "complaintNo",
    "month_in_future": "month",
    "language_unknown": "language",
    "scheme_overlaps": "effectiveFrom",
    "scheme_set_by_head_office": "effectiveFrom",
    "scheme_without_lines": "lines",
    "scheme_line_without_code": "lines",
    "scheme_line_without_measure": "lines",
    "scheme_line_twice": "lines",
    "scheme_kpi_twice": "lines",
    "scheme_over_100": "lines",
    "scoring_unknown": "lines",
    "weight_invalid": "lines",
    "target_invalid": "lines",
    "split_incomplete": "lines",
    "split_not_asked": "lines",
    "kpi_unknown": "lines",
    "window_days_invalid": "windowDays",
    "idempotency_key_reused": "idempotencyKey",
    "months_reversed": "until",
    "months_too_many": "until",
    "report_unknown": "reportId",
    "report_not_rendered": "reportId",
    "report_without_figures": "reportId",
    "report_of_other_month": "reportId",
    "report_not_newer": "reportId",
    "month_already_submitted": "reportId",
    "submission_unknown": "submissionId",
    "nothing_restated": "submissionId",
    "restatement_open": "submissionId",
    "note_missing": "note",
    "job_unknown": "id",
    "what_if_unknown": "id",
    "job_over": "id",
}
"""Refusal -> the input field it is about. Refusals about a day are about the input's day."""

DAYS = frozenset(
    {
        "date_in_future",
        "handover_before_opening",
        "plan_change_after_opening",
        "session_closes_before_opening",
        "summary_before_closing",
        "before_enrolment",
        "after_leaving",
        "already_live",
        "void_before_order",
        "reassigned_before_order",
        "before_take_over",
        "withdrawn_before_complaint",
        "recorded_before_enrolment",
        "rejoins_before_leaving",
        "batch_fixed",
        "before_transfer",
        "already_held",
        "held_before_live",
        "before_hold",
        "after_hold",
        "leaves_before_live",
        "gate_not_passed",
    }
)
MONTH_FIELDS = ("month", "effective_from")
DAY_FIELDS = ("on", "closed_on", "entered_on", "opened_on")


@strawberry.type(description="Why a change was refused: data, not an error of the request.")
class UserError:
    code: str
    message: str = strawberry.field(description="In the language of the request.")
    path: list[str] = strawberry.field(description="The input field that it is about.")
    params: JSON


class Outcome(msgspec.Struct, frozen=True):
    """Of one command: either done or errors."""

    done: Done | None
    errors: list[UserError]

    @property
    def position(self) -> int | None:
        return self.done.position if self.done else None


async def change(ask: Ask, command: msgspec.Struct, idempotency_key: str | None) -> Outcome:
    """Carries out a command; a refusal is part of the outcome."""
    try:
        done = await execute(ask.command(idempotency_key), command)
    except Refusal as refusal:
        return Outcome(None, [user_error(ask, refusal, command.__struct_fields__)])
    ask.floor = max(ask.floor, done.position)
    return Outcome(done, [])


async def given(info: Info, kind: type[msgspec.Struct], stated: Any) -> Outcome:
    """Carries out the command whose fields the input states."""
    values = {name: getattr(stated, name) for name in kind.__struct_fields__}
    plain = {k: v.value if isinstance(v, Enum) else v for k, v in values.items()}
    return await change(info.context, kind(**plain), stated.idempotency_key)


def user_error(ask: Ask, refusal: Refusal, fields: tuple[str, ...]) -> UserError:
    """The refusal as data, in the reader's language. fields: of what was asked."""
    return UserError(
        code=refusal.code,
        message=sentence(refusal.code, refusal.params, ask.language),
        path=_path(refusal, fields),
        params=JSON(plain(refusal.params)),
    )


def _path(refusal: Refusal, fields: tuple[str, ...]) -> list[str]:
    code, params = refusal.code, refusal.params
    if refusal.field is not None:
        return ["input", camel(refusal.field)] if refusal.field in fields else ["input"]
    if code in DAYS:
        day = next((name for name in DAY_FIELDS if name in fields), None)
        return ["input", camel(day)] if day else ["input"]
    if code == "kpi_unknown" and "kpis" in fields and "line" not in params:
        return ["input", "kpis"]
    if code in PATHS:
        return ["input", PATHS[code]]
    if code == "id_invalid":
        return ["input", camel(fields[0])]
    if code == "month_invalid":
        month = next((name for name in MONTH_FIELDS if name in fields), None)
        return ["input", camel(month)] if month else ["input"]
    return ["input"]


def camel(name: str) -> str:
    """A field's name as the schema spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
