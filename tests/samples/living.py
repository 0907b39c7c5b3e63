"""What a sample's partners and head office do beside the histories: reports, jobs, schemes."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import name_key, number_key
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.versions import Parameters
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from infra.headoffice.head_office import SchemeRollout
from infra.headoffice.head_office_what_ifs import dispatch_what_ifs, part_of
from infra.log.log_sealer import LogSealer
from infra.log.log_seals import SealKey
from infra.readside.reactors import Reactors
from infra.work import report_job
from infra.work.leases import RunningJob
from infra.work.scheduler import hand_over
from infra.work.worker import KINDS, JobKind, JobRunner
from services.execute import Done, execute
from services.jobs.jobs import IMPORT, OF_IMPORTS, RENDER, SEND_MAIL, Job, JobState, NewFile
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.people.names import NAME
from services.reporting.report import RequestReport, job_of
from services.reporting.submission import AcknowledgeRestatement, SubmitAgain, SubmitFigures
from services.scheme.scheme import AdoptScheme
from services.scheme.whatif import WhatIf, request_what_if
from services.trainees.selling import RecordOrder
from tests import situation as s
from tests.carrying import carry_out, record
from tests.infra.work.undoing import LIVE, ORDERS, PEOPLE, cancelled, imported, perform, undone
from tests.read_models import forgotten
from tests.samples import story
from tests.samples.keeping import Once

MONTH = "2025-03"
ERASED = "E5"
DRAFT = Draft.of(leaver_rule="counted")
OFFICE = in_role(HEAD_OFFICE_ID, "office", Role.HEAD_OFFICE)

ROSTER = f"{PEOPLE}I1,郑和,A1,{LIVE}I2,王洋,A1,{LIVE}"
SOLD = f"{ORDERS}I-1,I1,2026-06-20,宽带,199\n"
MISTAKEN = f"{PEOPLE}I3,误录,A1,{LIVE}"
WAITING = f"{PEOPLE}I4,何待,A1,{LIVE}"


class Life:
    """One partner's. manager: the training manager."""

    def __init__(self, app: App, partner: Tenant) -> None:
        self.app, self.partner = app, partner
        self.manager = in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)

    async def live_in_full(self) -> None:
        """All of the first history, which is not refused anywhere."""
        await record(self.app, self.manager, *story.FIRST)
        named = await self.app.log.owner(self.manager.tenant, NAME, name_key("王主管"))
        assert named is not None
        await record(self.app, self.manager, story.named_person_known(named, "M9"))

    async def live_at_random(self) -> None:
        await carry_out(self.app, self.manager, story.second())

    async def submit(self) -> None:
        """A month is submitted; what is recorded later touches it, is acknowledged and submitted
        again, and something else touches it after that. Another report cannot be rendered, and
        one more waits."""
        submitted = await self._do(SubmitFigures(await self._report()))
        await record(self.app, self.manager, s.ordered("E1", "N40", on=s.march(25)))
        await self._react()
        await self._do(AcknowledgeRestatement(submitted, "已核对"))
        await self._do(SubmitAgain(submitted, await self._report()))
        await record(self.app, self.manager, s.order_voided("N40", on=s.march(29)))
        await self._react()
        await self._report(JobKind(_refused, report_job.failed))
        await self._do(RequestReport(month="2025-04"))

    async def import_sheets(self) -> None:
        """Some stay, some are only checked, some are taken back, some are cancelled, and some
        wait."""
        await imported(self.app, self.manager, ROSTER, SOLD)
        await imported(self.app, self.manager, ROSTER, dry_run=True)
        await undone(self.app, self.manager, await imported(self.app, self.manager, MISTAKEN))
        await cancelled(self.app, self.manager)
        waiting = NewFile("waits.csv", "", BytesIO(WAITING.encode()), OF_IMPORTS)
        await self.app.imports.request_import(self.manager, [waiting])

    async def try_out(self) -> None:
        """A what-if of the partner's own."""
        asked = WhatIf(DRAFT, MONTH, "2025-04", ("order_rate",))
        context = self.app.context(self.manager)
        job = await request_what_if(
            self.manager, self.app.jobs, self.app.log, asked, today=context.today, language="zh-CN"
        )
        await perform(self.app, job)

    async def erase(self) -> None:
        """Somebody is forgotten."""
        owner = await self.app.log.owner(self.manager.tenant, "employee_no", number_key(ERASED))
        assert owner is not None
        await forgotten(self.app, self.manager.tenant, owner)

    async def _report(self, rendering: JobKind = KINDS[RENDER]) -> str:
        """A report whose job is over. rendering: how it ends."""
        report_id = await self._do(RequestReport(month=MONTH))
        await hand_over(self.app.db, self.manager.tenant)
        runner = JobRunner(self.app, {RENDER: rendering})
        await runner.perform(self.manager.tenant, job_of(report_id))
        return report_id

    async def _do(self, command: msgspec.Struct) -> str:
        return (await execute(self.app.context(self.manager), command)).stream_id

    async def _react(self) -> None:
        await Reactors(self.app).catch_up(self.manager.tenant)


async def order_once(app: App, once: Once) -> Done:
    """Records an order, or answers as it was answered."""
    its = await app.accounts.partner(once.partner)
    manager = in_role(its.tenant_id, "manager", Role.TRAINING_MANAGER)
    command = RecordOrder(once.employee_no, once.order_no, once.closed_on)
    return await execute(app.context(manager, idempotency_key=once.key), command)


async def lead(app: App, partners: Sequence[Tenant]) -> None:
    """Head office publishes a scheme for all, which reaches every log, and tries another one."""
    today = app.context(OFFICE).today
    scheme = AdoptScheme("2025-05", Parameters(window_days=60), reason="统一口径")
    await app.head_office.publish_scheme(OFFICE, scheme, today=today)
    rollout = SchemeRollout(app.db, app.log, app.clock)
    asked = WhatIf(DRAFT, MONTH, "2025-04", ("order_rate",))
    what_if = await app.head_office.request_what_if(OFFICE, asked, today=today)
    async with app.db.across() as across:
        await rollout.roll_out(across)
        await dispatch_what_ifs(app.db, across)
    for one in partners:
        await JobRunner(app, KINDS).perform(one.tenant_id, part_of(what_if.id, one.tenant_id))


async def seal(app: App) -> None:
    """All logs, by the key of now."""
    data = app.settings.data
    await LogSealer(app.db, data, lambda: SealKey(app.settings.given().seal_keys[0])).round()


async def carry_on(app: App, tenant_id: UUID) -> list[Job]:
    """Does what waits to be done; answers the jobs."""
    await hand_over(app.db, tenant_id)
    kinds = [IMPORT, RENDER, SEND_MAIL]
    waiting = await app.jobs.list_jobs(tenant_id, kinds, before=None, most=100)
    return [await perform(app, one) for one in waiting if one.state is JobState.QUEUED]


async def _refused(_: App, __: RunningJob) -> dict[str, Any]:
    raise Refusal("job_failed")
