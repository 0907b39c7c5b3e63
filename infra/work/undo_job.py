"""The job that takes an import back: all that it recorded is withdrawn, or nothing.

What an import recorded is known by its cause, the import's job. First it is decided of everybody
without writing; where anything stands in the way, nothing is withdrawn. Of whom something
is recorded after that, the import's records stay, and it can be asked for again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import asyncpg
import msgspec

from domain.kernel.errors import ConflictError, NotFoundError, Refusal
from domain.kernel.whose import own_stream, person_of
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.trainees.events import OrderReassigned
from domain.trainees.trainee import Trainee
from infra.app import App
from infra.database.db import TenantConnection
from infra.work.causes import caused_by, taken_back
from infra.work.leases import RunningJob
from services.execute import CONFLICT, execute
from services.importing.undoing import ImportedEvent, UndoImport, UndoNaming
from services.jobs.imports import UndoOrder
from services.jobs.jobs import UNDO, Job
from services.kernel.context import Context, Principal
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.kernel.work import RESTATED_SINCE
from services.people.acting import AsNow
from services.teaching.cohort import WithdrawCohortOpening
from services.words.params import kept

AT_ONCE = 64
"""People under way at once."""

_OF_TRAINEES = (f"{Trainee.TOPIC}-", f"{Person.TOPIC}-")
"""Streams about them begin so."""

STAYING = frozenset(
    {
        *("cohort_has_trainees", "cohort_has_classes", "cohort_handed_over", RESTATED_SINCE),
        *("person_named", "person_confirmed_already", "registration_rested_on"),
    }
)
"""The codes of what keeps a cohort open, or somebody on record: what else is recorded in it, of
the opening or of them."""

AMENDED = "imported_amended_since"
"""The code of what of an import somebody amended since, in words for who takes it back."""

SHOWN = 50
"""Of what stands in the way, as many as are said; the others are counted."""

_BEGUN = """
    select stream_id, position, causation_id from events
    where tenant_id = $1 and stream_id = any($2) and version = 1 and (
        causation_id = $3
        or causation_id in (select id from jobs where tenant_id = $1 and undone_by is not null)
        or causation_id in (
            select (payload->>'imported')::uuid from jobs
            where tenant_id = $1 and kind = $4 and due_at is not null
        )
    )
    order by position
"""
_UNDONE = """
    update jobs set undone_by = $3, updated_at = now()
    where tenant_id = $1 and id = $2 and undone_by is null
"""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers whether it was `undone`, the number of `events` by which it was, also by an earlier
    attempt of this job, of `cohorts` that the import opened and that stay since something else is
    in them, and what stands `in_the_way`, of which there are `count`.

    Raises NotFoundError `job_unknown`, Refusal `import_left_no_record`; ConflictError where others
    were faster too often for the openings of cohorts, so that another attempt withdraws them.
    """
    job = running.job
    order = msgspec.convert(job.payload, UndoOrder)
    imported = await app.jobs.get_job(job.tenant_id, order.imported)
    if imported is None:
        raise NotFoundError("job_unknown", id=str(order.imported))
    recorded = await _caused_by(app, imported)
    if not recorded:
        raise Refusal("import_left_no_record")
    async with app.db.tenant(job.tenant_id) as tenant:
        never_made = await taken_back(tenant)
    first = recorded[0]["position"]
    asked = order.principal(job.tenant_id)
    ctx = msgspec.structs.replace(
        app.context(await app.as_now(asked), causation_id=job.id, as_seen=first - 1),
        source={"kind": "undone"},
        seen_causes={imported.id, *never_made},
    )
    people = await _people(app, job, recorded)
    undoing = _Undoing(
        ctx, lambda: app.as_now(asked), order.reason, str(job.id), running, 2 * len(people)
    )
    staying: list[asyncpg.Record] = []
    in_the_way = await undoing.each(people, is_rehearsal=True)
    if not in_the_way:
        in_the_way = await undoing.each(people, is_rehearsal=False)
        staying = await undoing.withdraw_begun(await _begun(app, imported, recorded))
    return {
        # A program of before knows an import as undone by this alone (decisions/0004).
        "undone": not in_the_way,
        "events": len(await _caused_by(app, job, after=first)),
        "cohorts": sum(
            one["causation_id"] == imported.id and one["stream_id"].startswith(Cohort.TOPIC)
            for one in staying
        ),
        "in_the_way": [await _said(app, job, *one) for one in in_the_way[:SHOWN]],
        "count": len(in_the_way),
    }


async def finished(tenant: TenantConnection, job: Job, result: Mapping[str, Any]) -> None:
    """Writes that the import is undone, where nothing stood in the way."""
    if not result["count"]:
        await tenant.execute(_UNDONE, msgspec.convert(job.payload, UndoOrder).imported, job.id)


class _Undoing:
    def __init__(
        self,
        ctx: Context,
        as_now: AsNow,
        reason: str,
        key: str,
        running: RunningJob,
        steps: int,
    ) -> None:
        self._ctx, self._as_now, self._reason, self._key = ctx, as_now, reason, key
        self._running, self._done, self._steps = running, 0, steps

    async def each(
        self, people: Sequence[list[ImportedEvent]], *, is_rehearsal: bool
    ) -> list[tuple[str, Refusal]]:
        """Takes back what was recorded of everyone; answers what was refused, and of whom."""
        ctx = rehearsing(self._ctx) if is_rehearsal else self._ctx
        refused: list[tuple[str, Refusal]] = []
        for start in range(0, len(people), AT_ONCE):
            some, principal = people[start : start + AT_ONCE], await self._who_may()
            its = msgspec.structs.replace(ctx, principal=principal)
            answers = await asyncio.gather(*(self._one(its, one, is_rehearsal) for one in some))
            refused += [one for one in answers if one is not None]
        return refused

    async def withdraw_begun(self, begun: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
        """Withdraws cohorts and people; answers those that stay. One at a time: each is decided on
        all that is recorded, so what is withdrawn has all others decided anew."""
        self._steps += len(begun)
        return [one for one in begun if not await self._withdraw_begun(one)]

    async def _withdraw_begun(self, begun: asyncpg.Record) -> bool:
        """False where it stays."""
        stream_id, as_seen = begun["stream_id"], begun["position"]
        key = f"{self._key}:{stream_id}"
        its = msgspec.structs.replace(
            self._ctx, principal=await self._who_may(), idempotency_key=key, as_seen=as_seen
        )
        try:
            match await self._standing(stream_id):
                case Cohort(code=code):
                    await execute(its, WithdrawCohortOpening(code, self._reason))
                case Person(id=person_id):
                    await execute(its, UndoNaming(person_id, self._reason))
        except Refusal as refused:
            if await self._standing(stream_id) is None:
                return True  # another undoing was faster
            if refused.code == CONFLICT:
                raise ConflictError from refused
            if refused.code not in STAYING:
                raise
            return False
        finally:
            self._step()
        return True

    async def _standing(self, stream_id: str) -> Any:
        """A cohort or a person, unless it was withdrawn."""
        found: Any = await self._ctx.log.aggregate(self._ctx.principal.tenant, stream_id)
        return found if found and not found.is_withdrawn else None

    async def _who_may(self) -> Principal:
        """Who takes the import back, as they are now. Refuses `permission_refused`."""
        principal = await self._as_now()
        principal.require_everything(Permission.IMPORT_FILES)
        return principal

    async def _one(
        self, ctx: Context, events: list[ImportedEvent], is_rehearsal: bool
    ) -> tuple[str, Refusal] | None:
        last = events[-1].stream_id
        key = None if is_rehearsal else f"{self._key}:{last}"
        its = msgspec.structs.replace(ctx, idempotency_key=key)
        try:
            await execute(its, UndoImport(events, self._reason))
        except Refusal as refused:
            return last, refused
        finally:
            self._step()
        return None

    def _step(self) -> None:
        self._done += 1
        self._running.progress(self._done, self._steps)


async def _caused_by(app: App, job: Job, after: int = 0) -> list[asyncpg.Record]:
    async with app.db.tenant(job.tenant_id) as tenant:
        return await caused_by(tenant, job, after=after)


async def _begun(
    app: App, imported: Job, recorded: Sequence[asyncpg.Record]
) -> list[asyncpg.Record]:
    """The cohorts that an import opened and the people whom it named first, and of those that it
    filled or named too what others began that are undone or being undone: then it may be what kept
    them. Asked once its trainees are withdrawn: whoever found them there had begun by then."""
    begun = (Cohort.Opened.TOPIC, Person.Registered.TOPIC)
    ids = {one["stream_id"] for one in recorded if one["topic"] in begun}
    ids |= {one[named] for one in recorded for named in ("cohort_id", "manager_id")} - {None}
    ids -= {own_stream(one["stream_id"]) for one in recorded if _is_trainee(one)}
    async with app.db.tenant(imported.tenant_id) as tenant:
        return list(await tenant.fetch(_BEGUN, list(ids), imported.id, UNDO))


async def _people(
    app: App, job: Job, recorded: Sequence[asyncpg.Record]
) -> Sequence[list[ImportedEvent]]:
    """What was recorded of each person who is a trainee, and of those together who share a fact of
    it. Of others nothing but the registration is."""
    staff = {one["stream_id"] for one in recorded if one["is_staff"]}
    of_people = [
        one
        for one in recorded
        if one["stream_id"].startswith(_OF_TRAINEES) and one["stream_id"] not in staff
    ]
    group = {whose: [whose] for whose in (own_stream(one["stream_id"]) for one in of_people)}
    for one in of_people:
        if one["topic"] == OrderReassigned.TOPIC:
            events = await app.log.load(job.tenant_id, one["stream_id"])
            other = own_stream(cast(OrderReassigned, events[one["version"] - 1]).to_trainee_id)
            together = group[own_stream(one["stream_id"])]
            if other in group and group[other] is not together:
                together += group[other]
                group |= dict.fromkeys(group[other], together)
    people: dict[str, list[ImportedEvent]] = {}
    for one in of_people:
        first = group[own_stream(one["stream_id"])][0]
        people.setdefault(first, []).append(ImportedEvent(one["stream_id"], one["version"]))
    return list(people.values())


def _is_trainee(recorded: asyncpg.Record) -> bool:
    return bool(recorded["stream_id"].startswith(f"{Trainee.TOPIC}-"))


async def _said(app: App, job: Job, stream_id: str, refused: Refusal) -> dict[str, Any]:
    """A refusal as the job's result keeps it, with the id and the number of whom it is about."""
    trainee_id = stream_id
    if stream_id.startswith(f"{Person.TOPIC}-"):
        trainee_id = f"{Trainee.TOPIC}-{person_of(stream_id)}"
    trainee = await app.log.aggregate(job.tenant_id, trainee_id)
    who = trainee.employee_no if isinstance(trainee, Trainee) else trainee_id
    # To send it again, as who read something may, does not help here.
    code = AMENDED if refused.code == RESTATED_SINCE else refused.code
    return {"trainee_id": trainee_id, "who": who, "code": code, **kept(refused.params)}
