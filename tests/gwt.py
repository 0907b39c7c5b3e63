"""Given, when, then: what happened, what is asked, what comes of it.

Of an aggregate:

    given(Trainee, ENROLLED, fact(Trainee.WentLive, on=JUNE_1))
        .when(lambda trainee: trainee.leave(on=JUNE_20, reason="个人原因"))
        .then(fact(Trainee.Left, on=JUNE_20, leaving_reason="个人原因"))

    given(Trainee, ENROLLED, LEFT)
        .when(lambda trainee: trainee.leave(on=JUNE_20, reason="个人原因"))
        .then(refused("already_left"))

`then` compares the stored names and the business fields of every new event, in order; or the code
and the parameters of the refusal. What is not stated of a field or a parameter is not compared.

Of a projection, which is the fold of what happened:

    given(NEWCOMERS, *BEGINNING, left("E0", on=JUNE_20))
        .of(employee_no="E0")
        .then(row(status="left"))

`then` compares the rows in the order in which they first came, `of` those with these values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, overload

from domain.kernel.aggregate import (
    UNRECORDED,
    Aggregate,
    DomainCreated,
    Recorded,
    payload_fields,
)
from domain.kernel.errors import Refusal
from projections.kernel.projection import Key, Projection
from tests.carrying import recorded
from tests.steps import Step


class Fact(NamedTuple):
    """An event of some stream: its class and its business fields."""

    kind: type[Any]
    fields: dict[str, Any]


class Refused(NamedTuple):
    """A refusal that is expected: its code, and parameters of it."""

    code: str
    params: dict[str, Any]


def fact(kind: type[Any], /, **fields: Any) -> Fact:
    return Fact(kind, fields)


def refused(code: str, /, **params: Any) -> Refused:
    return Refused(code, params)


def row(**fields: Any) -> dict[str, Any]:
    return fields


class Given:
    """A stream; `when` asks something of its aggregate."""

    def __init__(self, aggregate: type[Aggregate], facts: tuple[Fact, ...]) -> None:
        self._aggregate = aggregate
        self._facts = facts

    def when(self, command: Callable[[Any], Any]) -> Outcome:
        """command: given the aggregate, or its class where nothing has happened yet."""
        state = self._replay()
        try:
            answer = command(self._aggregate if state is None else state)
        except Refusal as refusal:
            return Outcome(refusal, [])
        pending = (answer if state is None else state).pending_events
        return Outcome(None, [_fact_of(event) for event in pending])

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


class Outcome(NamedTuple):
    """What came of a command: a refusal or new events."""

    refusal: Refusal | None
    events: list[Fact]

    def then(self, *expected: Fact | Refused) -> None:
        """expected: the new events, none where nothing is to happen, or one refusal."""
        match expected:
            case [Refused(code, params)]:
                assert self.refusal is not None, f"not refused, but {self.events}"
                assert self.refusal.code == code
                assert {**self.refusal.params, **params} == self.refusal.params
            case _:
                assert self.refusal is None, f"refused: {self.refusal!r}"
                assert [f.kind.TOPIC for f in self.events] == [f.kind.TOPIC for f in expected]
                for happened, wanted in zip(self.events, expected, strict=True):
                    assert {**happened.fields, **wanted.fields} == happened.fields


class Rows(NamedTuple):
    """The rows of a projection."""

    rows: list[Any]

    def of(self, **fields: Any) -> Rows:
        """Those with these values."""
        return Rows([one for one in self.rows if _stated(one, fields) == fields])

    def then(self, *expected: dict[str, Any]) -> None:
        assert len(self.rows) == len(expected), self.rows
        for one, fields in zip(self.rows, expected, strict=True):
            assert _stated(one, fields) == fields


@overload
def given(of: type[Aggregate], /, *happened: Fact) -> Given: ...
@overload
def given(of: Projection[Any], /, *happened: Step) -> Rows: ...
def given(of: Any, /, *happened: Any) -> Any:
    return Rows(_folded(of, happened)) if isinstance(of, Projection) else Given(of, happened)


def _folded(projection: Projection[Any], steps: tuple[Step, ...]) -> list[Any]:
    return rows_after(recorded(steps), projection)


def rows_after(log: Iterable[Recorded], projection: Projection[Any]) -> list[Any]:
    """The rows of a projection, of one log as of others that it is laid beside."""
    rows: dict[Key, Any] = {}
    for event in log:
        key = projection.key(event) if event.event.TOPIC in projection.topics else None
        if key is not None:
            rows[key] = projection.evolve(rows.get(key), event)
    return [one for one in rows.values() if one is not None]


def _fact_of(event: Any) -> Fact:
    return Fact(type(event), {name: getattr(event, name) for name in payload_fields(type(event))})


def _stated(one: Any, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in fields}
