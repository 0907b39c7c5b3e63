"""Every mutation: a command in its own words, one input, one payload."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import msgspec
import strawberry

from api.graphql import inputs, payloads
from api.graphql import job as jobs_of
from api.graphql.changed import changed_cohort, changed_trainee
from api.graphql.context import Info
from api.graphql.payload import Outcome, change
from api.graphql.scheme_changes import SchemeChanges
from services.cohort import OpenCohort
from services.report import RequestReport
from services.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordOrder,
    RecordTrialVerdict,
    VoidOrder,
)

P = TypeVar("P")


async def given(info: Info, kind: type[msgspec.Struct], stated: Any) -> Outcome:
    """Carries out the command whose fields the input states."""
    values = {name: getattr(stated, name) for name in kind.__struct_fields__}
    plain = {k: v.value if isinstance(v, Enum) else v for k, v in values.items()}
    return await change(info.context, kind(**plain), stated.idempotency_key)


async def of_trainee(
    info: Info, kind: type[msgspec.Struct], stated: Any, payload: Callable[..., P]
) -> P:
    """The same for a command about a trainee, answered with the trainee."""
    outcome = await given(info, kind, stated)
    trainee = await changed_trainee(info.context, outcome)
    return payload(trainee=trainee, position=outcome.position, errors=outcome.errors)


@strawberry.type
class Mutation(SchemeChanges):
    @strawberry.mutation
    async def open_cohort(
        self, info: Info, input: inputs.OpenCohortInput
    ) -> payloads.OpenCohortPayload:
        outcome = await given(info, OpenCohort, input)
        cohort = await changed_cohort(info.context, outcome)
        return payloads.OpenCohortPayload(
            cohort=cohort, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def enrol_trainee(
        self, info: Info, input: inputs.EnrolTraineeInput
    ) -> payloads.EnrolTraineePayload:
        return await of_trainee(info, EnrolTrainee, input, payloads.EnrolTraineePayload)

    @strawberry.mutation
    async def record_trial_verdict(
        self, info: Info, input: inputs.RecordTrialVerdictInput
    ) -> payloads.RecordTrialVerdictPayload:
        return await of_trainee(info, RecordTrialVerdict, input, payloads.RecordTrialVerdictPayload)

    @strawberry.mutation
    async def record_exam_result(
        self, info: Info, input: inputs.RecordExamResultInput
    ) -> payloads.RecordExamResultPayload:
        return await of_trainee(info, RecordExamResult, input, payloads.RecordExamResultPayload)

    @strawberry.mutation
    async def go_live(self, info: Info, input: inputs.GoLiveInput) -> payloads.GoLivePayload:
        return await of_trainee(info, GoLive, input, payloads.GoLivePayload)

    @strawberry.mutation
    async def record_order(
        self, info: Info, input: inputs.RecordOrderInput
    ) -> payloads.RecordOrderPayload:
        return await of_trainee(info, RecordOrder, input, payloads.RecordOrderPayload)

    @strawberry.mutation
    async def void_order(
        self, info: Info, input: inputs.VoidOrderInput
    ) -> payloads.VoidOrderPayload:
        return await of_trainee(info, VoidOrder, input, payloads.VoidOrderPayload)

    @strawberry.mutation
    async def record_leaving(
        self, info: Info, input: inputs.RecordLeavingInput
    ) -> payloads.RecordLeavingPayload:
        return await of_trainee(info, RecordLeaving, input, payloads.RecordLeavingPayload)

    @strawberry.mutation
    async def request_report(
        self, info: Info, input: inputs.RequestReportInput
    ) -> payloads.RequestReportPayload:
        language = input.language or info.context.language
        command = RequestReport(month=input.month, language=language)
        outcome = await change(info.context, command, input.idempotency_key)
        job = await jobs_of.job(info, outcome.done.answer["job_id"]) if outcome.done else None
        return payloads.RequestReportPayload(
            job=job, position=outcome.position, errors=outcome.errors
        )
