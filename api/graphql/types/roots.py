"""Every query and subscription. The tenant comes from the credential, never from an argument."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import strawberry

from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.fields import (
    AS_KNOWN,
    AT_A_MOMENT,
    Item,
    asked_for,
    asking,
    listed,
    single,
    taking,
)
from api.graphql.engine.scalars import WORD_OF, Timeliness
from api.graphql.engine.structs import Node, View, computed, output_of, showing
from api.graphql.types import job as jobs_of
from api.graphql.types import kpi, newcomers, scheme
from api.graphql.types.job import Job
from api.graphql.types.newcomers import Cohort, FollowUp, Order, Trainee
from api.graphql.types.session import Session
from api.ids import own_id, own_uuid
from api.positions import follow_positions
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG, NEWCOMER_FIGURES
from domain.people.partner import TaughtWord
from domain.planning import deadline as deadlines
from domain.planning.cadence import CADENCES, CadenceKind, CadenceWay, Missed, missed
from domain.planning.calendar import local_day
from infra.bootstrap import waited_for
from projections.people.departments import DEPARTMENT_LIST
from projections.people.people import PERSON_LIST
from services.importing.vocabulary import taught_words
from services.jobs.jobs import own_job
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.people import access
from services.people.tokens import KnownToken
from services.reading.budget import Budget
from services.reading.moment import Moment, Question

output_of(TaughtWord, "TaughtWord", of=WORD_OF)
output_of(KnownToken, "Token", "label role scopes created_at expires_at last_used_at revoked_at")
Person, Department = listed(PERSON_LIST), listed(DEPARTMENT_LIST)
ITEMS = (Cohort, Trainee, Session, kpi.Submission, FollowUp, Order, Person, Department)
"""The types of all lists that are asked for."""


@showing(access.Tenant, "code name zone")
class Partner(View, Node):
    """A channel company."""

    kind, key = "Partner", "row.tenant_id"

    @taking(AS_KNOWN)
    async def scheme(self, info: Info, moment: Moment | None) -> scheme.Scheme:
        return scheme.Scheme(moment=moment)

    @taking()
    async def words(self, info: Info) -> list[TaughtWord]:
        return await taught_words(info.context.system.context(info.context.principal))


@showing(Principal, "actor name role roles permissions expires_at")
class Viewer(View):
    """Who the credential stands for."""

    name: str | None
    permissions = computed(sorted, list[Permission], "row.rights")

    @strawberry.field
    async def partner(self, info: Info) -> Partner | None:
        return None if info.context.principal.is_of_head_office else await partner_of(info.context)

    @taking()
    async def tokens(self, info: Info) -> Sequence[KnownToken]:
        return await info.context.system.tokens.seen_by(info.context.principal)


async def partner_of(context: OperationContext) -> Partner:
    """That of who asks."""
    return Partner(row=await context.system.accounts.organisation_of(context.principal.tenant))


output_of(Missed, "MissedPeriod")


@showing()
class WorkingDays:
    """A month by the statutory calendar, with the weekend days worked."""

    month: str
    last_working_day: date
    days: list[date]
    calendar_version: str


@showing(deadlines.Deadline, "due_at is_soft verdict")
class Deadline(View):
    verdict: Timeliness | None


of_a_month = partial(asking, "month", "cohort", "training_manager", required="month")


@strawberry.type
class Query:
    @strawberry.field
    async def working_days(self, info: Info, month: str) -> WorkingDays:
        asked, known = Month.parse(month), await info.context.system.working_days()
        days = known.of(asked)
        return WorkingDays(
            month=str(asked), last_working_day=days[-1], days=days, calendar_version=known.version
        )

    @taking()
    async def deadline(
        self, info: Info, report: deadlines.ReportKind, on: date, at: datetime | None = None
    ) -> Deadline:
        zone, calendar = info.context.principal.zone, await info.context.system.working_days()
        deadline = deadlines.deadline_of(report, on, zone, calendar)
        verdict: Timeliness = "on_time" if at and deadline.is_met(at) else "late"
        return Deadline(row=deadline, verdict=verdict if at else None)

    @taking()
    async def report_subject(
        self, info: Info, report: deadlines.SentReport, name: str, on: date
    ) -> str:
        return deadlines.report_name(report, name, on)

    @taking()
    async def cadence(
        self,
        info: Info,
        kind: CadenceKind,
        days: tuple[date, ...],
        since: date,
        until: date,
        way: CadenceWay = "calendar",
    ) -> tuple[Missed, ...]:
        return missed(CADENCES[kind], days, since, until, way)

    for _node in ITEMS:
        vars().update(asked_for(_node))

    @strawberry.field
    def me(self, info: Info) -> Viewer:
        session = info.context.session
        return Viewer(row=info.context.principal, name=session.name if session else None)

    @strawberry.field
    async def partner(self, info: Info, min_position: int | None = None) -> Partner:
        await info.context.reach(min_position)
        return await partner_of(info.context)

    @taking(AT_A_MOMENT, answer=Node | None)
    async def node(self, info: Info, id: strawberry.ID, moment: Moment | None) -> Any:
        kind, own = own_id(id)
        if kind in Item.of_kind:
            return await single(info, Item.of_kind[kind], moment, {"id": own})
        if kind == Job.kind:
            return await jobs_of.job(info, id)
        if kind == Partner.kind:
            partner = await partner_of(info.context)
            return partner if partner.id == id else None
        raise Refusal("id_invalid", id=id[:200])

    newcomer_figures = taking(asking())(newcomers.newcomer_figures)
    board = taking(asking("manager"))(newcomers.board)
    kpis = taking(asking())(kpi.kpi_figures)
    series = taking(asking())(kpi.series)
    first_order_curve = taking(asking())(kpi.first_order_curve)
    forecast = taking(asking())(kpi.forecast)
    scorecard = taking(of_a_month())(scheme.scorecard)
    compare = taking(asking(at_a_moment=False))(scheme.compare)
    compare_scorecards = taking(of_a_month(at_a_moment=False))(scheme.compare_scorecards)
    what_if = taking(asking())(scheme.what_if)
    what_if_for_all = strawberry.field(jobs_of.what_if_for_all)
    job = strawberry.field(jobs_of.job)

    @strawberry.field
    def kpi_catalog(self) -> list[kpi.Kpi]:
        return [kpi.Kpi(row=declared) for declared in CATALOG]

    @strawberry.field
    def head_office(self) -> kpi.HeadOffice:
        return kpi.HeadOffice()


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def figures_changed(
        self, info: Info, cohort: str | None = None
    ) -> AsyncIterator[newcomers.NewcomerFigures]:
        context, last = info.context, None
        # Told as well now and then when nothing moves: another day may have begun.
        async for _ in follow_positions(context.system, context.principal.tenant):
            with waited_for():
                today = local_day(context.system.clock(), context.principal.zone)
                asked = Question(today, today, cohort=cohort)
                context.figures = context.system.figures.within(Budget())
                answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES)
                if answer.whole != last:
                    told = await newcomers.newcomer_figures(info, asked)
                    context.floor = await context.system.log.position(context.principal.tenant)
                    last = answer.whole
                    yield told

    @strawberry.subscription
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncIterator[Job]:
        jobs, who = info.context.system.jobs, info.context.principal
        await own_job(who, jobs, own_uuid(id, Job.kind))
        async for found in jobs.watch_job(who.tenant, own_uuid(id, Job.kind)):
            yield Job(row=found)
