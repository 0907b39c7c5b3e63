"""Carries histories out through real commands, and tells the oracle what was accepted.

What the oracle is told comes from the commands and their outcome: the position and the stream of
whom they changed. Nothing is taken from the product's own reading of its log.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.execute import Done, execute
from services.kernel.context import Principal
from services.scheme.scheme import PublishScheme
from services.trainees.withdrawal import WithdrawFact
from tests.carrying import commands_of, hand_of
from tests.oracle.classes import Fact
from tests.random_histories.staff import change_staff, resting
from tests.random_histories.telling import CORRECTED, JOINING, UNCOUNTED, told
from tests.steps import Step


class Carried(msgspec.Struct):
    """A history that was carried out. facts: the oracle's, in the order of recording.

    people: the streams of those who were enrolled. refused: how many commands were.
    """

    code: str
    history: list[Step]
    facts: list[Fact] = []
    people: set[str] = msgspec.field(default_factory=set)
    refused: int = 0


async def carry_out(
    app: App,
    principal: Principal,
    given: Sequence[list[Step]],
    published: Sequence[PublishScheme],
    now: datetime | None = None,
) -> tuple[list[Carried], list[Fact]]:
    """All at once, in one tenant; also what the published schemes tell the oracle, and what becomes
    of the staff meanwhile.

    now: an instant that the days lie around; None: all of them are long past.
    """
    carried = [Carried(f"H{number:02d}", history) for number, history in enumerate(given)]
    schemes = Carried("schemes", [])
    rest = asyncio.Barrier(len(carried) + 1)
    hands = [
        _carry_out(app, principal, one, apart(one.code, one.history), now, rest) for one in carried
    ]
    await asyncio.gather(
        *hands,
        _carry_out(app, principal, schemes, published, now),
        _change_staff(app, principal, schemes, rest),
    )
    async with app.db.tenant(principal.tenant) as connection:
        rows = await connection.plain.fetch("select position, recorded_at from events")
    recorded = {row["position"]: row["recorded_at"] for row in rows}
    for one in (*carried, schemes):
        for fact in one.facts:
            fact["recorded_at"] = recorded[fact["position"]]
    return carried, schemes.facts


async def _change_staff(
    app: App, principal: Principal, carried: Carried, rest: asyncio.Barrier
) -> None:
    async for fact in change_staff(app, principal, rest):
        carried.facts.append(fact)


NAMES = ("employee_no", "order_no", "complaint_no", "cohort", "session", "code", "follow_up")


def apart(code: str, history: Sequence[Step]) -> list[msgspec.Struct]:
    """The commands, with the history's own code before every number and code that they name."""
    return [
        replace(
            command,
            **{
                name: f"{code}-{getattr(command, name)}"
                for name in command.__struct_fields__
                if name in NAMES
            },
        )
        for command in commands_of(history)
    ]


async def _carry_out(
    app: App,
    principal: Principal,
    carried: Carried,
    given: Sequence[msgspec.Struct],
    now: datetime | None,
    rest: asyncio.Barrier | None = None,
) -> None:
    numbers: dict[str, str] = {}
    rests = resting(len(given))
    for step, planned in enumerate((*given, None)):
        for _ in range(2 * rests[step] if rest else 0):  # Until all do, and until it is over.
            await rest.wait()
        if planned is None:
            break
        command, of = await named(app, principal, planned, carried.facts, numbers)
        context = app.context(hand_of(principal, command))
        try:
            done = await execute(replace(context, now=now or context.now), command)
        except Refusal:
            carried.refused += 1
            continue
        if isinstance(command, UNCOUNTED):
            continue
        if isinstance(command, WithdrawFact):
            of = await withdrawn(app, principal, command, done, carried.facts, numbers)
            carried.facts.append({"position": done.position, "kind": "withdrawn", **of})
            continue
        fact = told(command, done.stream_id, numbers)
        carried.facts.append({"position": done.position, **fact, **of})
    carried.people.update(fact["who"] for fact in carried.facts if fact["kind"] in JOINING)


async def named(
    app: App,
    principal: Principal,
    command: Any,
    facts: Sequence[Fact],
    numbers: Mapping[str, str],
) -> tuple[Any, Fact]:
    """Half of the corrections name a fact by its id, whatever its day is now, and whosever it is.

    Answers the command, and what the oracle is told of which fact that is: its position.
    """
    kinds = CORRECTED.get(type(command), ())
    number_of = {stream: number for number, stream in numbers.items()}
    meant = [
        fact
        for fact in facts
        if fact["kind"] in kinds
        and fact["who"] in number_of
        and fact.get("paper") == getattr(command, "kind", None)
    ]
    if not meant or command.on.toordinal() % 2:
        return command, {}
    fact = meant[command.was_on.toordinal() % len(meant)]
    async with app.db.tenant(principal.tenant) as connection:
        version = await connection.fetchval(
            "select version from events where tenant_id = $1 and position = $2", fact["position"]
        )
    whose = number_of[fact["who"]]
    return replace(command, employee_no=whose, fact=version, was_on=None), {"of": fact["position"]}


async def withdrawn(
    app: App,
    principal: Principal,
    command: WithdrawFact,
    done: Done,
    facts: Sequence[Fact],
    numbers: dict[str, str],
) -> Fact:
    """The withdrawn fact by its position: of the command that recorded it, perhaps in two streams.

    An enrolment gives its number back to the one before, or to nobody.
    """
    async with app.db.tenant(principal.tenant) as connection:
        position = await connection.fetchval(
            "select position from events where tenant_id = $1 and stream_id = $2 and version = $3",
            done.stream_id,
            command.fact,
        )
    meant = min(
        (fact for fact in facts if fact["position"] >= position), key=lambda one: one["position"]
    )
    if meant["kind"] in JOINING:
        number = command.employee_no or ""
        if "was" in meant:
            numbers[number] = meant["was"]
        else:
            del numbers[number]
    return {"of": meant["position"]}
