"""What-if (试算): past months under a draft of a scheme beside what they were. It writes no event.

A few months are answered at once (api/graphql/types/scheme.py); up to two years are a job,
whose answer is pinned to a position of the log and to a day, so that the same order gives the same
bytes.
"""

from datetime import date
from typing import Annotated
from uuid import uuid5

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Many, check
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import kpis
from domain.kpi.scheme.draft import Draft
from services.jobs.jobs import Job, JobQueue
from services.kernel.context import Principal
from services.kernel.fields import KpiSlug, MonthText
from services.kernel.permissions import Permission, require
from services.kernel.ports import Log

WHAT_IF = "whatif.run"
"""The job that answers it."""

MOST_MONTHS = 24


class WhatIf(msgspec.Struct, frozen=True):
    """A request for a what-if (试算) over several months."""

    scheme: Annotated[Draft, Meta(description="The draft of a scheme.")]
    since: Annotated[MonthText, Meta(description="The first month, YYYY-MM.")]
    until: Annotated[
        MonthText, Meta(description=f"The last month, YYYY-MM; at most {MOST_MONTHS} in all.")
    ]
    kpis: Annotated[
        tuple[KpiSlug, ...] | None,
        Many(100),
        Meta(description="Slugs of the figures to compare; null: all."),
    ] = None


class Chosen(msgspec.Struct, frozen=True):
    """The months and KPIs of a what-if. months: YYYY-MM, rising. kpis: slugs."""

    draft: Draft
    months: tuple[str, ...]
    kpis: tuple[str, ...]


class Pinned(Chosen, frozen=True):
    """All that an answer depends on: also the evening, and the position of the partner's log."""

    happened_by: date
    position: int
    zone: str


class WhatIfOrder(Pinned, frozen=True):
    """The payload of a partner's job. language: of the file's name."""

    language: str


async def request_what_if(
    principal: Principal,
    jobs: JobQueue,
    log: Log,
    asked: WhatIf,
    *,
    today: date,
    language: str,
    key: str | None = None,
) -> Job:
    """The job that answers as of today and of the log's position now. key: of idempotency.

    Refuses `permission_refused`, `month_invalid`, `months_reversed`, `months_too_many`,
    `kpi_unknown`, `idempotency_key_reused`.
    """
    require(principal, Permission.REQUEST_REPORTS)
    require(principal, Permission.READ_FIGURES)
    wanted = chosen(asked)
    order = WhatIfOrder(
        **msgspec.structs.asdict(wanted),
        happened_by=today,
        position=await log.position(principal.tenant),
        zone=principal.zone,
        language=language,
    )
    job_id = None if key is None else uuid5(principal.tenant, f"{WHAT_IF} {key}")
    payload = msgspec.to_builtins(order)
    job = await jobs.create_job(principal.tenant, WHAT_IF, payload, job_id=job_id)
    if msgspec.convert(job.payload, Chosen) != wanted:
        raise Refusal("idempotency_key_reused", field="idempotency_key")
    return job


def chosen(asked: WhatIf) -> Chosen:
    """Refuses what `check` does, `month_invalid`, `months_reversed`, `months_too_many`,
    `kpi_unknown`."""
    check(asked)
    months = months_between(asked.since, asked.until)
    return Chosen(
        draft=asked.scheme,
        months=tuple(map(str, months)),
        kpis=tuple(kpi.slug for kpi in kpis(asked.kpis)),
    )


def months_between(since: str, until: str) -> list[Month]:
    """Both included. Refuses `month_invalid`, `months_reversed`, `months_too_many`."""
    month, last = Month.parse(since, "since"), Month.parse(until, "until")
    if month > last:
        raise Refusal("months_reversed", field="until", since=since, until=until)
    count = 12 * (last.year - month.year) + last.month - month.month + 1
    if count > MOST_MONTHS:
        raise Refusal("months_too_many", field="until", months=count, most=MOST_MONTHS)
    return [month.next(n) for n in range(count)]
