"""Everybody as of one position of the log: in the order of entering, some at a time."""

from datetime import date
from typing import Any

import pytest

from domain.kernel.aggregate import DomainEvent
from domain.kernel.whose import person_of
from infra.bootstrap import App
from infra.readside.people import people_at
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import EnrolTrainee
from services.trainees.withdrawal import WithdrawFact


async def read(app: App, manager: Principal, position: int, some: int) -> list[list[str]]:
    """The names, as many together as are read at a time."""
    pages = people_at(app.db, app.log, manager.tenant, position, some)
    return [[one.name for one in people] async for people in pages]


async def test_people_of_a_position_come_in_the_order_of_entering_whatever_was_recorded_since(
    app: App, manager: Principal
) -> None:
    ctx = app.context(manager)
    assert await read(app, manager, await app.log.position(manager.tenant), 2) == [[]]
    await execute(ctx, OpenCohort("P1", "一期", date(2026, 5, 1)))
    for no, (name, day) in enumerate([("丙", 13), ("甲", 11), ("丁", 14), ("乙", 12), ("戊", 15)]):
        done = await execute(ctx, EnrolTrainee("P1", f"P{no}", name, date(2026, 5, day)))
    assert await read(app, manager, done.position, 2) == [["甲", "乙"], ["丙", "丁"], ["戊"]]
    await execute(ctx, CorrectEnrolment("P1", "日期填错", entered_on=date(2026, 5, 20)))
    since = await execute(ctx, WithdrawFact(fact=1, reason="录错", employee_no="P3"))
    assert await read(app, manager, since.position, 3) == [["丙", "丁"], ["戊", "甲"]]
    assert await read(app, manager, done.position, 3) == [["甲", "乙", "丙"], ["丁", "戊"]]


async def test_reading_everybody_keeps_nobody_of_the_log_that_was_not_asked_for_otherwise(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = app.context(manager)
    await execute(ctx, OpenCohort("P1", "一期", date(2026, 5, 1)))
    done = await execute(ctx, EnrolTrainee("P1", "P1", "甲", date(2026, 5, 11)))
    seen: list[dict[object, list[DomainEvent] | None]] = []
    monkeypatch.setattr(app.log._cache, "put_streams", seen.append)
    assert await read(app, manager, done.position, 2) == [["甲"]]
    assert seen == []


async def test_the_first_are_given_before_an_event_of_the_others_is_read(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, names = app.context(manager), []
    await execute(ctx, OpenCohort("P1", "一期", date(2026, 5, 1)))
    for no, name in enumerate("甲乙丙"):
        done = await execute(ctx, EnrolTrainee("P1", f"P{no}", name, date(2026, 5, 11 + no)))
    read_as, seen = app.log.mapper.to_recorded, list[str]()

    def to_recorded(*told: Any) -> Any:
        seen.append(told[3])
        return read_as(*told)

    monkeypatch.setattr(app.log.mapper, "to_recorded", to_recorded)
    async for people in people_at(app.db, app.log, manager.tenant, done.position, 1):
        names.append(people[0].name)
        assert len({*map(person_of, seen)}) == len(names)
    assert names == ["甲", "乙", "丙"]
