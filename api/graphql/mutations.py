"""Every mutation: a command in its own words, one input, one payload."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import strawberry

from api.graphql import inputs, payloads
from api.graphql import job as jobs_of
from api.graphql.changed import changed_trainee
from api.graphql.cohort_changes import CohortChanges
from api.graphql.context import Info
from api.graphql.job_changes import JobChanges
from api.graphql.payload import change, given
from api.graphql.scheme_changes import SchemeChanges
from api.graphql.session_changes import SessionChanges
from services.order import RecordOrder, VoidOrder
from services.report import RequestReport
from services.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordTrialVerdict,
)

P = TypeVar("P")


async def of_trainee(
    info: Info, kind: type[msgspec.Struct], stated: Any, payload: Callable[..., P]
) -> P:
    """Carries out a command about a trainee, answered with the trainee."""
    outcome = await given(info, kind, stated)
    trainee = await changed_trainee(info.context, outcome)
    return payload(trainee=trainee, position=outcome.position, errors=outcome.errors)


@strawberry.type
class Mutation(CohortChanges, JobChanges, SchemeChanges, SessionChanges):
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
