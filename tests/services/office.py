"""A partner's office: commands given one after another, and what they left in the log."""

from datetime import date
from typing import Any, cast

import msgspec
import pytest

from domain.kernel.errors import Refusal
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from services.execute import Done, execute
from services.kernel.context import Principal
from services.trainees.trainee import TRAINEES
from services.trainees.whose import name_on
from tests.situation import passed_gate

MAY_18 = date(2026, 5, 18)


class Office:
    """A partner's training manager at work."""

    def __init__(self, app: App, principal: Principal) -> None:
        self.app, self.principal = app, principal

    async def __call__(self, *commands: msgspec.Struct) -> Done:
        for command in commands:
            done = await execute(self.app.context(self.principal), command)
        return done

    async def refused(self, command: msgspec.Struct) -> Refusal:
        before = await self.app.log.position(self.principal.tenant)
        with pytest.raises(Refusal) as caught:
            await self(command)
        assert await self.app.log.position(self.principal.tenant) == before
        return caught.value

    async def trainee(self, stream_id: str) -> Trainee:
        """As the stream has it."""
        return cast(Trainee, await self._folded(stream_id))

    async def person(self, stay_id: str) -> Person:
        """The person who has a stay."""
        return cast(Person, await self._folded(own_stream(stay_id)))

    async def _folded(self, stream_id: str) -> Any:
        found: Any = None
        for event in await self.app.log.load(self.principal.tenant, stream_id):
            found = event.mutate(found)
        assert found is not None
        return found

    async def said(self, *stream_ids: str) -> list[tuple[str, str, str | None]]:
        """The name, post and phone of each enrolment."""
        stays = [(await self.trainee(one)).employment.enrolled for one in stream_ids]
        people = [await self.person(one) for one in stream_ids]
        return [
            (name_on(who, of.entered_on), of.post, who.reached_by("phone", of.entered_on))
            for who, of in zip(people, stays, strict=True)
        ]

    async def owner(self, employee_no: str) -> str:
        """The stream that has the number: the last one of a person."""
        owner = await self.app.log.owner(self.principal.tenant, TRAINEES.claim_kind, employee_no)
        assert owner is not None
        return owner


def passed(number: str, on: date) -> list[msgspec.Struct]:
    """Written exam and drill."""
    return list(passed_gate(number, on=on).commands)
