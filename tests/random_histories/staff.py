"""What becomes of managers and head teachers while the histories of a tenant are carried out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import timedelta

from msgspec import Struct

from domain.kernel.errors import Refusal
from domain.kernel.values import name_key
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Principal
from services.people.person import JoinPersons, RenamePerson, WithdrawJoining
from tests.carrying import hand_of
from tests.oracle.classes import Fact
from tests.situation import START
from tests.teller import MANAGERS, TEACHERS

ONE, OTHER, _ = map(str, MANAGERS)
CHANGES: tuple[Fact, ...] = (
    {"kind": "staff joined", "who": OTHER, "into": ONE},
    {"kind": "staff renamed", "who": ONE, "name": "王大年", "on": START + timedelta(days=20)},
    {"kind": "staff joined", "who": TEACHERS[1], "into": TEACHERS[0]},
    {"kind": "staff parted", "who": OTHER},
    {"kind": "staff renamed", "who": TEACHERS[0], "name": "陈院长", "on": START},
    {"kind": "staff joined", "who": "王大年", "into": TEACHERS[0]},
)
"""Each while all histories rest: a command means whom a name meant when it was read, which may have
been before what is recorded before it."""


def resting(steps: int) -> Mapping[int, int]:
    """How often a history of so many steps rests before which of them."""
    rests = len(CHANGES)
    return Counter(steps * (rest + 1) // (rests + 1) for rest in range(rests))


async def change_staff(
    app: App, principal: Principal, rest: asyncio.Barrier
) -> AsyncIterator[Fact]:
    """Answers what was accepted, with the positions; people whom nobody named yet stay as they
    are."""
    for fact in CHANGES:
        await rest.wait()
        ids = [
            await app.log.owner(principal.tenant, "person_name", name_key(fact[name]))
            for name in ("who", "into")
            if name in fact
        ]
        if None not in ids:
            command = _command(fact, *map(str, ids))
            with suppress(Refusal):  # To part those of whom only one was there to be joined.
                done = await execute(app.context(hand_of(principal, command)), command)
                yield fact | {"position": done.position}
        await rest.wait()


def _command(fact: Fact, person_id: str, into_id: str = "") -> Struct:
    if fact["kind"] == "staff renamed":
        return RenamePerson(person_id, fact["on"], fact["name"])
    if fact["kind"] == "staff joined":
        return JoinPersons(person_id, into_id, "两种写法")
    return WithdrawJoining(person_id, "确是两个人")
