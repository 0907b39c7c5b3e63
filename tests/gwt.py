"""Given, when, then for aggregates: what happened, what is asked, what comes of it.

    given(Trainee, ENROLLED, fact(Trainee.WentLive, on=JUNE_1))
        .when(lambda trainee: trainee.leave(on=JUNE_20, reason="个人原因"))
        .then(fact(Trainee.Left, on=JUNE_20, leaving_reason="个人原因"))

`then` compares the stored names and the business fields of every new event, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.kernel.aggregate import UNRECORDED, Aggregate, DomainCreated, payload_fields
from domain.kernel.errors import Refusal


class Fact(NamedTuple):
    """An event of some stream: its class and its business fields."""

    kind: type[Any]
    fields: dict[str, Any]


def fact(kind: type[Any], /, **fields: Any) -> Fact:
    return Fact(kind, fields)


class Given:
    """A history; `when` asks something of it."""

    def __init__(self, aggregate: type[Aggregate], facts: tuple[Fact, ...]) -> None:
        self._aggregate = aggregate
        self._facts = facts

    def when(self, command: Callable[[Any], Any]) -> Outcome:
        return Outcome(self._aggregate, self._replay(), command)

    def _replay(self) -> Aggregate | None:
        state: Aggregate | None = None
        stream = f"{self._aggregate.TOPIC}-1"
        for version, (kind, fields) in enumerate(self._facts, start=1):
            envelope = {
                "originator_id": stream,
                "originator_version": version,
                "timestamp": UNRECORDED,
            }
            if issubclass(kind, DomainCreated):
                envelope["originator_topic"] = self._aggregate.TOPIC
            state = kind(**envelope, **fields).mutate(state)
        return state


class Outcome:
    """What came of the command: new events or a refusal, exactly one `then…` is asserted."""

    def __init__(
        self, aggregate: type[Aggregate], state: Aggregate | None, command: Callable[[Any], Any]
    ) -> None:
        self._refusal: Refusal | None = None
        self._events: list[Fact] = []
        try:
            answer = command(aggregate if state is None else state)
        except Refusal as refusal:
            self._refusal = refusal
            return
        for event in (answer if state is None else state).pending_events:
            names = payload_fields(type(event))
            self._events.append(Fact(type(event), {name: getattr(event, name) for name in names}))

    def then(self, *expected: Fact) -> None:
        assert self._refusal is None, f"refused: {self._refusal!r}"
        assert [f.kind.TOPIC for f in self._events] == [f.kind.TOPIC for f in expected]
        for happened, wanted in zip(self._events, expected, strict=True):
            assert {**happened.fields, **wanted.fields} == happened.fields

    def then_refused(self, code: str, **params: Any) -> None:
        assert self._refusal is not None, f"not refused, but {self._events}"
        assert (self._refusal.code, {**self._refusal.params, **params}) == (
            code,
            self._refusal.params,
        )


def given(aggregate: type[Aggregate], *facts: Fact) -> Given:
    return Given(aggregate, facts)
