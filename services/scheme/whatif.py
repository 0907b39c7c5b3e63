"""What-if (试算): past months under a draft of a scheme beside what they were. It writes no event.

Many months, up to two years, are a job, whose answer is pinned to a position of the log and to a
day, so that the same order gives the same bytes.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid5

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Many, check
from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import kpis
from domain.kpi.evaluation import Evaluated
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.comparison import Comparison, compare, scored
from domain.kpi.rounding import shown
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.scorecard import Scorecard
from services.jobs.behalf import Behalf, on_behalf
from services.jobs.jobs import OF_WHAT_IFS, WHAT_IF, Job, JobQueue
from services.kernel import fields
from services.kernel.context import Principal
from services.kernel.ports import Log

MOST_MONTHS = 24


class WhatIf(msgspec.Struct, frozen=True):
    """A request for a what-if (试算) over several months."""

    scheme: Annotated[Draft, Meta(description="The draft of a scheme.")]
    since: Annotated[fields.MonthText, Meta(description="The first month, YYYY-MM.")]
    until: Annotated[
        fields.MonthText,
        Meta(description=f"The last month, YYYY-MM; at most {MOST_MONTHS} in all."),
    ]
    kpis: Annotated[
        tuple[fields.KpiSlug, ...] | None,
        Many(100),
        Meta(description="Slugs of the figures to compare; null: all."),
    ] = None


class Chosen(msgspec.Struct, frozen=True):
    """The months and KPIs of a what-if. months: YYYY-MM, rising. kpis: slugs."""

    draft: Draft
    months: tuple[str, ...]
    kpis: tuple[str, ...]


class Pinned(Chosen, frozen=True):
    """A what-if with the evening and the position of the log that its answer depends on."""

    happened_by: date
    position: int
    zone: str


class WhatIfOrder(Pinned, frozen=True):
    """The payload of a partner's job. language: of the file's name."""

    language: str
    asked_by: Behalf


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
    """Requests a what-if as of today and the log's position; answers its job. key: idempotency.

    Refuses `permission_refused`, `everything_needed`, `month_invalid`, `months_reversed`,
    `months_too_many`, `kpi_unknown`, `idempotency_key_reused`.
    """
    principal.require_everything(*OF_WHAT_IFS)
    wanted = chosen(asked)
    order = WhatIfOrder(
        **msgspec.structs.asdict(wanted),
        happened_by=today,
        position=await log.position(principal.tenant),
        zone=principal.zone,
        language=language,
        asked_by=Behalf(**on_behalf(principal)),
    )
    job_id = None if key is None else uuid5(principal.tenant, f"{WHAT_IF} {key}")
    payload = msgspec.to_builtins(order)
    job = await jobs.create_job(principal.tenant, WHAT_IF, payload, job_id=job_id)
    by = msgspec.convert(job.payload["asked_by"], Behalf)
    if (msgspec.convert(job.payload, Chosen), by.actor) != (wanted, principal.actor):
        raise Refusal("idempotency_key_reused", field="idempotency_key")
    return job


def chosen(asked: WhatIf) -> Chosen:
    """The months and KPIs of a request.

    Refuses what `check` does, `month_invalid`, `months_reversed`, `months_too_many`, `kpi_unknown`.
    """
    check(asked)
    month, last = Month.parse(asked.since, "since"), Month.parse(asked.until, "until")
    if month > last:
        raise Refusal("months_reversed", field="until", since=month, until=last)
    count = 12 * (last.year - month.year) + last.month - month.month + 1
    if count > MOST_MONTHS:
        raise Refusal("months_too_many", field="until", months=count, most=MOST_MONTHS)
    months = tuple(str(month.next(n)) for n in range(count))
    return Chosen(asked.scheme, months, tuple(kpi.slug for kpi in kpis(asked.kpis)))


class WhatIfFigure(msgspec.Struct, frozen=True):
    """A figure of a what-if. ratio: None without a source. shown: None also where undefined."""

    ratio: Ratio | None
    shown: str | None
    is_final: bool


class WhatIfPart(msgspec.Struct, frozen=True):
    """The part of one subject in a figure, and the rule that keeps it from more."""

    numerator: int
    denominator: int
    rule: str | None


class WhatIfMoved(msgspec.Struct, frozen=True, rename={"cohort_code": "cohort"}):
    """A subject that moved a figure, by its label; see comparison.Moved."""

    label: str
    cohort_code: str
    before: WhatIfPart | None
    after: WhatIfPart | None


class WhatIfFigures(msgspec.Struct, frozen=True):
    """The figure of a KPI (by slug) before and after, and the subjects that moved it."""

    kpi: str
    before: WhatIfFigure
    after: WhatIfFigure
    moved: tuple[WhatIfMoved, ...]


class WhatIfPoints(msgspec.Struct, frozen=True):
    """A line of a scheme and what it earns: percent points, None where it is not scored."""

    line: str
    weight: Decimal
    points: Ratio | None


class WhatIfScorecard(msgspec.Struct, frozen=True):
    """A scorecard: earned of what is scored of what is defined. version: of the scheme."""

    version: int
    earned: Ratio
    scored: Decimal
    defined: Decimal
    lines: tuple[WhatIfPoints, ...]


class WhatIfMonth(msgspec.Struct, frozen=True):
    """A month (YYYY-MM) of a what-if: its figures, and its scorecard before and after."""

    month: str
    figures: tuple[WhatIfFigures, ...]
    before: WhatIfScorecard
    after: WhatIfScorecard


class WhatIfAnswer(msgspec.Struct, frozen=True):
    """The file of a what-if: the draft, the state of the log, and the months."""

    draft: Draft
    happened_by: date
    position: int
    months: tuple[WhatIfMonth, ...]


def month_of(
    evidence: Evidence, day: date, month: Month, draft: Draft, kpis: Sequence[Kpi]
) -> WhatIfMonth:
    """The answer for the newcomers and classes of a month, asked on a day about its evening."""
    before = Basis(evidence, day, Group(month=month), today=day)
    after = draft.applied(before)
    found = compare(kpis, before, after)
    return WhatIfMonth(
        month=str(month),
        figures=tuple(_figures(kpi, found) for kpi in kpis),
        before=_card(scored(before), before.version.number),
        after=_card(scored(after), after.version.number),
    )


def brief(month: WhatIfMonth) -> dict[str, Any]:
    """A month's figures without people, JSON-like: before, after, and how many moved each."""
    return {
        "month": month.month,
        "earned": [_text(month.before.earned), _text(month.after.earned)],
        "figures": [
            {
                "kpi": one.kpi,
                "before": _text(one.before.ratio),
                "after": _text(one.after.ratio),
                "moved": len(one.moved),
            }
            for one in month.figures
        ],
    }


def _text(ratio: Ratio | None) -> str | None:
    return f"{ratio.numerator}/{ratio.denominator}" if ratio else None


def _figures(kpi: Kpi, found: Comparison) -> WhatIfFigures:
    return WhatIfFigures(
        kpi=kpi.slug,
        before=_figure(kpi, found.before),
        after=_figure(kpi, found.after),
        moved=msgspec.convert(found.moved[kpi.slug], tuple[WhatIfMoved, ...], from_attributes=True),
    )


def _figure(kpi: Kpi, evaluated: Evaluated) -> WhatIfFigure:
    figure = evaluated.figures[kpi.slug]
    if not figure.has_source:
        return WhatIfFigure(None, None, is_final=False)
    text = shown(figure.ratio, kpi.unit, evaluated.rounding)
    return WhatIfFigure(figure.ratio, text, figure.is_final)


def _card(card: Scorecard, version: int) -> WhatIfScorecard:
    return WhatIfScorecard(
        version=version,
        earned=Ratio.of(card.earned),
        scored=card.scored,
        defined=card.defined,
        lines=tuple(
            WhatIfPoints(
                one.line.code,
                one.line.weight,
                None if one.points is None else Ratio.of(one.points),
            )
            for one in card.lines
        ),
    )
