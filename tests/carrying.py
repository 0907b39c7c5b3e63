"""Carries steps out: by real commands, on the servers' log or on one in memory."""

from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from domain.kernel.values import number_key
from domain.kernel.whose import own_stream
from infra.bootstrap import App
from services.execute import Done, execute
from services.kernel.context import Context, Principal, Role
from services.kernel.permissions import Permission
from services.kernel.ports import Append, Log, Receipt
from services.kernel.rehearsal import Rehearsal
from services.kernel.roles import in_role
from services.people.meant import PEOPLE
from services.registry import COMMANDS
from tests.steps import Step
from tests.submitting import Submit, submit

TENANT = UUID(int=7)
RECORDED = datetime(2026, 9, 1, tzinfo=UTC)

OF_HR = (Permission.APPROVE_PLANS, Permission.MANAGE_PEOPLE)

T = TypeVar("T")


async def new_partner(app: App) -> Principal:
    """A tenant of its own, and an operator's hand in it."""
    partner = await app.accounts.create_partner(f"P-{uuid7()}", "测试渠道")
    return in_role(partner.tenant_id, "tester", Role.TRAINING_MANAGER)


def commands_of(steps: Iterable[Step]) -> list[msgspec.Struct]:
    return [command for one in steps for command in one.commands]


def hand_of(principal: Principal, command: msgspec.Struct) -> Principal:
    """Whoever may give the command: the training manager, or HR's where a plan is approved or
    people are managed."""
    is_hrs = COMMANDS[type(command)].permission in OF_HR
    return in_role(principal.tenant, principal.actor, Role.HR_MANAGER) if is_hrs else principal


async def with_ids(log: Log, principal: Principal, command: msgspec.Struct) -> msgspec.Struct:
    """The command with people's ids, where their numbers stand for them as `@M1`; a trainee's, too,
    as `@E0`."""
    numbers = {
        field: said
        for field in command.__struct_fields__
        if isinstance(said := getattr(command, field), str) and said.startswith("@")
    }
    found = dict[str, str]()
    for field, said in numbers.items():
        owner = await log.owner(principal.tenant, PEOPLE.claim_kind, number_key(said[1:]))
        found[field] = own_stream(owner) if owner else said
    return msgspec.structs.replace(command, **found) if found else command


async def carry_out(app: App, principal: Principal, steps: Iterable[Step]) -> int:
    """Gives the commands one after another; answers how many were not refused."""
    done = 0
    for command in commands_of(steps):
        try:
            if isinstance(command, Submit):
                await submit(app, principal, command.month)
            else:
                named = await with_ids(app.log, principal, command)
                await execute(app.context(hand_of(principal, named)), named)
            done += 1
        except Refusal:
            continue
    return done


async def record(app: App, principal: Principal, *steps: Step, now: datetime | None = None) -> Done:
    """Carries the steps out, at an instant; answers the last. Raises what is refused."""
    for command in commands_of(steps):
        context = app.context(hand_of(principal, command))
        named = await with_ids(app.log, principal, command)
        done = await execute(msgspec.structs.replace(context, now=now or context.now), named)
    return done


def recorded(steps: Sequence[Step]) -> list[Recorded]:
    """The log after the steps: what is refused leaves no trace. Without the servers."""
    return in_memory(steps).recorded


def in_memory(steps: Sequence[Step]) -> "MemoryLog":
    """The same, with the claims."""
    log = MemoryLog()
    principal = in_role(TENANT, "user-1", Role.TRAINING_MANAGER)
    for command in commands_of(steps):
        try:
            named = at_once(with_ids(log, principal, command))
            at_once(execute(Context(hand_of(principal, named), log, RECORDED), named))
        except Refusal:
            continue
    return log


def envelope(event: Any, position: int) -> Recorded:
    """The event as it stands in a log at a place."""
    at = RECORDED + timedelta(minutes=position)
    return Recorded(event, TENANT, position, at, "user-1", {"kind": "typed"})


class MemoryLog(Rehearsal):
    """A tenant's log that nobody else writes to. recorded: its events in order. held: who owns
    which claim."""

    def __init__(self) -> None:
        super().__init__(cast(Log, _EmptyLog()))
        self.recorded: list[Recorded] = []

    async def append(self, append: Append) -> Receipt:
        receipt = await super().append(append)
        for event in append.events:
            one = envelope(event, len(self.recorded) + 1)
            cause = append.envelope.causation_id
            self.recorded.append(msgspec.structs.replace(one, causation_id=cause))
        return receipt

    @property
    def held(self) -> dict[tuple[str, str], str]:
        return {place: owner for place, owner in self._owners.items() if owner is not None}


class _EmptyLog:
    """What a rehearsal begins with where nothing is."""

    async def load(self, *_: Any, **__: Any) -> tuple[()]:
        return ()

    async def aggregate(self, *_: Any, **__: Any) -> None:
        return None

    async def since(self, *_: Any) -> tuple[()]:
        return ()

    async def owner(self, *_: Any, **__: Any) -> None:
        return None

    async def naming(self, *_: Any) -> tuple[int, tuple[()]]:
        return 0, ()

    async def claimed(self, *_: Any) -> tuple[int, tuple[()]]:
        return 0, ()

    async def recall(self, *_: Any) -> None:
        return None

    async def position(self, _: UUID) -> int:
        return 0


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Runs to its end what never waits."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    work.close()
    raise AssertionError("it waits for something")
