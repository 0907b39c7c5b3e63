"""The inputs of the mutations, in the commands' words. Dates are the partner's local dates."""

from datetime import date
from decimal import Decimal
from enum import Enum

import strawberry

from domain.trainee import SALES


@strawberry.enum
class Verdict(Enum):
    PASSED = "PASSED"
    FAILED = "FAILED"


@strawberry.enum
class ExamKind(Enum):
    WRITTEN = "WRITTEN"
    DRILL = "DRILL"


@strawberry.input
class EnrolTraineeInput:
    cohort: str = strawberry.field(description="The cohort's code.")
    employee_no: str
    name: str
    entered_on: date
    post: str = SALES
    manager: str | None = None
    phone: str | None = None
    mail: str | None = None
    id_number: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class RecordTrialVerdictInput:
    employee_no: str
    verdict: Verdict
    on: date
    feedback: str
    idempotency_key: str | None = None


@strawberry.input
class RecordExamResultInput:
    employee_no: str
    kind: ExamKind
    passed: bool
    on: date
    score: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class GoLiveInput:
    employee_no: str
    on: date
    idempotency_key: str | None = None


@strawberry.input
class RecordOrderInput:
    employee_no: str
    order_no: str
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class VoidOrderInput:
    order_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class RecordLeavingInput:
    employee_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class RequestReportInput:
    month: str = strawberry.field(description="YYYY-MM")
    language: str | None = strawberry.field(
        default=None, description="zh-CN or en; default: that of the request."
    )
    idempotency_key: str | None = None
