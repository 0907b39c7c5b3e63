"""The mutations of submitted figures: submitting, acknowledging, submitting again."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, change, user_error
from api.graphql.engine.relay import own_id
from api.graphql.types.changed import changed_submission
from api.graphql.types.submission import Submission
from domain.kernel.errors import Refusal
from projections.reporting.submissions import SUBMISSION_LIST
from services.reporting.submission import AcknowledgeRestatement, SubmitAgain, SubmitFigures

P = TypeVar("P")


@strawberry.input
class SubmitFiguresInput:
    report_id: strawberry.ID = strawberry.field(description="As the report's job says.")
    idempotency_key: str | None = None


@strawberry.input
class AcknowledgeRestatementInput:
    submission_id: strawberry.ID
    note: str = strawberry.field(description="What was found.")
    idempotency_key: str | None = None


@strawberry.input
class SubmitAgainInput:
    submission_id: strawberry.ID
    report_id: strawberry.ID = strawberry.field(
        description="Of a report that was requested after everything told so far."
    )
    idempotency_key: str | None = None


@strawberry.type
class SubmitFiguresPayload:
    submission: Submission | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class AcknowledgeRestatementPayload:
    submission: Submission | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class SubmitAgainPayload:
    submission: Submission | None
    position: int | None
    errors: list[UserError]


async def _change(
    info: Info,
    command: Callable[[], msgspec.Struct],
    idempotency_key: str | None,
    payload: Callable[..., P],
) -> P:
    """Carries out a command about a submission, answered with it."""
    try:
        asked = command()
    except Refusal as refusal:
        error = user_error(info.context, refusal, ("submission_id",))
        return payload(submission=None, position=None, errors=[error])
    outcome = await change(info.context, asked, idempotency_key)
    changed = await changed_submission(info.context, outcome)
    return payload(submission=changed, position=outcome.position, errors=outcome.errors)


@strawberry.type
class SubmissionChanges:
    @strawberry.mutation
    async def submit_figures(self, info: Info, input: SubmitFiguresInput) -> SubmitFiguresPayload:
        return await _change(
            info,
            lambda: SubmitFigures(report_id=input.report_id),
            input.idempotency_key,
            SubmitFiguresPayload,
        )

    @strawberry.mutation
    async def acknowledge_restatement(
        self, info: Info, input: AcknowledgeRestatementInput
    ) -> AcknowledgeRestatementPayload:
        return await _change(
            info,
            lambda: AcknowledgeRestatement(
                submission_id=own_id(input.submission_id, SUBMISSION_LIST.kind)[1], note=input.note
            ),
            input.idempotency_key,
            AcknowledgeRestatementPayload,
        )

    @strawberry.mutation
    async def submit_again(self, info: Info, input: SubmitAgainInput) -> SubmitAgainPayload:
        return await _change(
            info,
            lambda: SubmitAgain(
                submission_id=own_id(input.submission_id, SUBMISSION_LIST.kind)[1],
                report_id=input.report_id,
            ),
            input.idempotency_key,
            SubmitAgainPayload,
        )
