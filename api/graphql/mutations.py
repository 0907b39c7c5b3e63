"""Every mutation: a command in its own words, one input, one payload."""

from enum import Enum
from typing import Any

import msgspec
import strawberry

from api.graphql import inputs, payloads
from api.graphql import job as jobs_of
from api.graphql.changed import changed_cohort, changed_trainee
from api.graphql.context import Info
from api.graphql.partner import Scheme
from api.graphql.payload import Outcome, change
from services.cohort import OpenCohort
from services.report import RequestReport
from services.scheme import PublishScheme
from services.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordOrder,
    RecordTrialVerdict,
    VoidOrder,
)


async def given(info: Info, kind: type[msgspec.Struct], stated: Any) -> Outcome:
    """Carries out the command whose fields the input states."""
    values = {name: getattr(stated, name) for name in kind.__struct_fields__}
    plain = {k: v.value if isinstance(v, Enum) else v for k, v in values.items()}
    return await change(info.context, kind(**plain), stated.idempotency_key)


@strawberry.type
class Mutation:
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
        outcome = await given(info, EnrolTrainee, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.EnrolTraineePayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def record_trial_verdict(
        self, info: Info, input: inputs.RecordTrialVerdictInput
    ) -> payloads.RecordTrialVerdictPayload:
        outcome = await given(info, RecordTrialVerdict, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.RecordTrialVerdictPayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def record_exam_result(
        self, info: Info, input: inputs.RecordExamResultInput
    ) -> payloads.RecordExamResultPayload:
        outcome = await given(info, RecordExamResult, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.RecordExamResultPayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def go_live(self, info: Info, input: inputs.GoLiveInput) -> payloads.GoLivePayload:
        outcome = await given(info, GoLive, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.GoLivePayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def record_order(
        self, info: Info, input: inputs.RecordOrderInput
    ) -> payloads.RecordOrderPayload:
        outcome = await given(info, RecordOrder, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.RecordOrderPayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def void_order(
        self, info: Info, input: inputs.VoidOrderInput
    ) -> payloads.VoidOrderPayload:
        outcome = await given(info, VoidOrder, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.VoidOrderPayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def record_leaving(
        self, info: Info, input: inputs.RecordLeavingInput
    ) -> payloads.RecordLeavingPayload:
        outcome = await given(info, RecordLeaving, input)
        trainee = await changed_trainee(info.context, outcome)
        return payloads.RecordLeavingPayload(
            trainee=trainee, position=outcome.position, errors=outcome.errors
        )

    @strawberry.mutation
    async def publish_scheme(
        self, info: Info, input: inputs.PublishSchemeInput
    ) -> payloads.PublishSchemePayload:
        outcome = await given(info, PublishScheme, input)
        return payloads.PublishSchemePayload(
            scheme=Scheme() if outcome.done else None,
            position=outcome.position,
            errors=outcome.errors,
        )

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
