"""The partner's KPI scheme: publishing a version, and adopting head office's."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Number
from domain.kernel.errors import Refusal, TakenError
from domain.kernel.values import Month, tidy
from domain.kpi.scheme.lines import Lines
from domain.kpi.scheme.scheme import KpiScheme
from domain.kpi.scheme.versions import HEAD_OFFICE, Parameters, Scheme, Version
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work, require_planned
from services.reporting.submission import submitted_months

SCHEME = "scheme"


class StatedScheme(msgspec.Struct, frozen=True):
    """What a version of a scheme says, whoever sets it."""

    effective_from: Annotated[
        fields.MonthText, Meta(description="The first month that it scores, YYYY-MM.")
    ]
    parameters: Annotated[Parameters, Meta(description="How figures are scored.")] = Parameters()
    lines: Annotated[Lines | None, Meta(description="If not given, the lines of the source.")] = (
        None
    )


class PublishScheme(StatedScheme, frozen=True):
    """Publishes a version of the KPI scheme (KPI考核细则) from a month on."""

    instead_of: Annotated[
        int | None,
        Number(most=1_000_000),
        Meta(
            description="The number of the version that it is to replace from its month on, 0 for "
            "the scheme of the source; refused where another one holds there. If not given, "
            "whichever holds."
        ),
    ] = None
    reason: Annotated[
        fields.ReasonOfNobody | None,
        Meta(description="Why; needed where it may change figures that were submitted."),
    ] = None


class AdoptScheme(StatedScheme, frozen=True):
    """Publishes a version of the KPI scheme that head office sets for all partners."""

    mandatory: Annotated[
        bool, Meta(description="From then on no partner may publish a version of its own.")
    ] = False
    reason: Annotated[
        fields.ReasonOfNobody | None, Meta(description="Why; needed where its month has begun.")
    ] = None


@handler
async def publish_scheme(work: Work, command: PublishScheme) -> str:
    scheme = await kept_scheme(work)
    before = scheme.scheme
    require_month(command, work.ctx.today)
    scheme.publish(**msgspec.structs.asdict(command))
    if not tidy(command.reason or ""):
        await _require_unsubmitted(work, before, scheme.scheme.versions[-1])
    return scheme.id


async def _require_unsubmitted(work: Work, scheme: Scheme, more: Version) -> None:
    """Refuses `scheme_reason_missing` for a version that reaches a month which was submitted."""
    reached = scheme.reach_of(more)
    for month in await submitted_months(work):
        if month in reached:
            raise Refusal("scheme_reason_missing", field="reason", month=month)


def require_month(scheme: StatedScheme, today: date) -> None:
    """Refuses `month_invalid`, and `date_too_far_ahead` for a month that nobody plans for."""
    month = Month.parse(scheme.effective_from, "effective_from")
    require_planned(month.first_day, today, "effective_from")


def require_reason_for_all(scheme: AdoptScheme, today: date) -> None:
    """Refuses `scheme_reason_missing_for_all` where a partner may have submitted what it changes:
    for a month that has begun."""
    month = Month.parse(scheme.effective_from)
    if month <= Month.of(today) and not tidy(scheme.reason or ""):
        raise Refusal("scheme_reason_missing_for_all", field="reason", month=month)


@handler
async def adopt_scheme(work: Work, command: AdoptScheme) -> str:
    """Publishes head office's version; one that was adopted already changes nothing."""
    scheme = await kept_scheme(work)
    if not scheme.has_adopted(command.effective_from):
        scheme.publish(origin=HEAD_OFFICE, **msgspec.structs.asdict(command))
    return scheme.id


async def kept_scheme(work: Work) -> KpiScheme:
    """The partner's scheme, new where there is none. Refuses `scheme_changed`."""
    scheme = await work.find(KpiScheme, SCHEME, SCHEME)
    if scheme is None:
        scheme = KpiScheme.start(f"{KpiScheme.TOPIC}-{work.ctx.principal.tenant}")
        work.add(scheme)
        work.claim(SCHEME, SCHEME, scheme.id, lambda _: TakenError("scheme_changed"))
    return scheme
