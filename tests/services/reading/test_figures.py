"""An answer, its explanation and its position are of one state, wherever the read models stand."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import name_key
from domain.kpi.catalog import NEWCOMER_FIGURES, kpi_by_slug
from domain.kpi.proof.breakdown import break_down
from domain.kpi.proof.explanation import explain
from domain.kpi.scheme.versions import Version
from infra.bootstrap import App
from infra.readside.projector import Projector
from infra.readside.time_travel import TimeTravel
from projections import PROJECTIONS
from projections.figures.evidence import SOURCES
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.projection import Projection
from projections.people.people import PEOPLE
from services.execute import execute
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.people.person import JoinPersons, RegisterPerson, RenamePerson, WithdrawJoining
from services.reading import figures
from services.reading.budget import Budget
from services.reading.evaluations import FigureAnswer, KnownBasis
from services.reading.moment import NAMED, Moment, Question
from services.reading.names import list_named
from services.reading.ports import KnownBy
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import ChangeManager, EnrolTrainee
from tests.carrying import hand_of

MAY_18, JUNE_1 = date(2026, 5, 18), date(2026, 6, 1)
ASKED = Question(JUNE_1, date.max)
ENTERED = kpi_by_slug("entered")


async def enrol(app: App, manager: Principal, *numbers: str) -> int:
    position = 0
    for number in numbers:
        command = EnrolTrainee("2026-06-1", number, number, MAY_18)
        position = (await execute(app.context(manager), command)).position
    return position


async def test_rows_that_are_ahead_are_taken_as_they_were_known_where_all_stand(
    app: App, manager: Principal
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    everywhere = await enrol(app, manager, "T1")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    await enrol(app, manager, "T2")
    await Projector(app.db, app.log, [NEWCOMERS]).catch_up(manager.tenant)
    answer = await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES)
    assert answer.position == everywhere
    assert answer.whole["entered"].ratio.numerator == 1
    basis = await app.figures.basis(manager, ASKED, answer.position)
    assert [line.label for line in explain(basis).in_training] == ["T1"]
    found = break_down(ENTERED, basis)
    assert [line.label for line in found.counted] == ["T1"]


async def test_an_answer_is_explained_as_it_was_although_more_is_known_since(
    app: App, manager: Principal
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    await enrol(app, manager, "T1")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    answer = await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES)
    await enrol(app, manager, "T2")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    basis = await app.figures.basis(manager, ASKED, answer.position)
    assert [line.label for line in explain(basis).in_training] == ["T1"]
    again = await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES)
    assert again.whole["entered"].ratio.numerator == 2


async def test_a_series_of_evenings_leaves_what_was_made_for_today(
    app: App, manager: Principal
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    await enrol(app, manager, "T1")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    before = (await app.figures.basis(manager, ASKED)).evening
    days = [ASKED.happened_by - timedelta(days=ago) for ago in range(5, -1, -1)]
    found, _ = await app.figures.days(manager, ASKED, days[0], NEWCOMER_FIGURES)
    assert [found[str(day)]["entered"].ratio.numerator for day in days] == [1] * 6
    assert (await app.figures.basis(manager, ASKED)).evening is before


async def test_an_answer_is_remembered_until_people_may_be_called_otherwise(
    app: App, manager: Principal
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    await enrol(app, manager, "T1")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    answer = await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES)
    assert await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES) is answer
    await Projector(app.db, app.log, [PEOPLE]).catch_up(manager.tenant)
    assert await app.figures.answer(manager, ASKED, NEWCOMER_FIGURES) is not answer


def test_an_answer_without_a_group_takes_room_too() -> None:
    assert FigureAnswer({"cohort": {}}, Version(), 7).weight > 0


async def test_figures_by_manager_follow_the_person_and_what_was_known_before_stays(
    app: App, manager: Principal
) -> None:

    async def says(command: Struct) -> int:
        return (await execute(app.context(hand_of(manager, command)), command)).position

    await says(OpenCohort("2026-06-1", "六月第1期", MAY_18, training_manager="李经理"))
    for number, named in (("T1", "钱主管"), ("T2", "钱 主管"), ("T3", "钱大海"), ("T4", "孙主管")):
        enrolling = EnrolTrainee("2026-06-1", number, number, MAY_18, manager=named)
        spelt_twice = await says(enrolling)
    keys = [name_key(one) for one in ("钱主管", "钱大海", "李经理", "孙主管")]
    owners = [await app.log.owner(manager.tenant, "person_name", key) for key in keys]
    one, other, head, sun = map(str, owners)
    joined = await says(JoinPersons(other, one, "同一人"))
    await says(RenamePerson(one, JUNE_1, "钱多多"))
    renamed = await says(JoinPersons(head, one, "同一人"))
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)

    async def entered(position: int | None = None) -> list[dict[str, int]]:
        asked = replace(ASKED, known_by=position)
        answer = await app.figures.answer(manager, asked, [ENTERED], NAMED)
        found = [answer.ways[way].items() for way in NAMED]
        return [{key: its["entered"].ratio.numerator for key, its in way} for way in found]

    async def called(day: date, position: int) -> list[str]:
        reader = app.lists(manager, Moment(day, position, date.max))
        named = await list_named(reader, (one, other, sun))
        return [named[person_id].label for person_id in (one, other, sun)]

    async def in_training(**of: Any) -> list[str]:
        basis = await app.figures.basis(manager, replace(ASKED, **of))
        return [line.label for line in explain(basis).in_training]

    assert await entered(spelt_twice) == [{sun: 1, one: 2, other: 1}, {head: 4}]
    assert await entered(joined) == [{sun: 1, one: 3}, {head: 4}]
    assert await entered() == [{sun: 1, one: 3}, {one: 4}]
    assert await called(MAY_18, spelt_twice) == ["钱主管", "钱大海", "孙主管"]
    assert await called(MAY_18, renamed) == ["钱主管", "钱主管", "孙主管"]
    assert await called(JUNE_1, renamed) == ["钱多多", "钱多多", "孙主管"]
    for said in ("钱 多多", one, other, head):
        assert await in_training(manager=said) == ["T1", "T2", "T3"]
        assert await in_training(training_manager=said) == ["T1", "T2", "T3", "T4"]
    assert await in_training(manager="钱大海", known_by=spelt_twice) == ["T3"]
    await says(WithdrawJoining(other, "确是两个人"))
    # Another of that name, who is in charge of nobody, is not meant; once she is, either may be.
    await says(RegisterPerson("钱多多", MAY_18, "M7"))
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)
    assert await entered() == [{sun: 1, one: 2, other: 1}, {one: 4}]
    assert await in_training(manager="钱多多") == ["T1", "T2"]
    await says(ChangeManager("T4", MAY_18, manager="M7"))
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)
    (groups, _) = await entered()
    assert [*groups.values()] == [2, 1, 1]
    named = await list_named(app.lists(manager), groups)
    alike = {"钱多多 (M7)", f"钱多多 (…{one[-4:]})"}
    assert {its.label for its in named.values()} == {"钱大海", *alike}
    assert await in_training(manager="m7") == ["T4"]
    for narrowed in ({}, {"month": "2026-06"}):
        with pytest.raises(Refusal, match="person_not_certain"):
            await in_training(manager="钱多多", **narrowed)


async def test_a_manager_whom_nobody_knows_is_looked_for_in_everybodys_past_once(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    nobodys = RegisterPerson("没有人", MAY_18)
    await execute(app.context(hand_of(manager, nobodys)), nobodys)
    position = await enrol(app, manager, "T1")
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)
    state, read = TimeTravel.state, []

    async def counted(
        self: TimeTravel, tenant_id: UUID, projection: Projection[Any], known_by: KnownBy = None
    ) -> tuple[list[Any], int]:
        read.append(projection.name)
        return await state(self, tenant_id, projection, known_by)

    monkeypatch.setattr(TimeTravel, "state", counted)
    asked = Question(date(2026, 6, 1), date.max, manager="没有人", known_by=position)
    with pytest.raises(NotFoundError, match="manager_unknown"):
        await app.figures.basis(manager, asked)
    assert sorted(read) == sorted(source.name for source in (*SOURCES, PEOPLE))


async def test_a_batch_that_the_read_models_do_not_show_yet_is_found_at_a_moment(
    app: App, manager: Principal
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    position = await enrol(app, manager, "T1")
    asked = Question(date(2026, 6, 1), date.max, cohort="2026-06-1", known_by=position)
    answer = await app.figures.answer(manager, asked, NEWCOMER_FIGURES)
    assert (answer.position, answer.whole["entered"].ratio.numerator) == (position, 1)


async def test_as_much_is_weighed_as_is_evaluated_whatever_one_document_asks_for(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await execute(app.context(manager), OpenCohort("2026-06-1", "六月第1期", MAY_18))
    position = await enrol(app, manager, "T1", "T2")
    await Projector(app.db, app.log, SOURCES).catch_up(manager.tenant)
    evaluated = list[object]()

    async def noted(count: Callable[..., Any], *bases: KnownBasis) -> Any:
        evaluated.append(count)
        return await beside(count, *bases)

    monkeypatch.setattr(figures, "beside", noted)
    budget = Budget()
    reader = app.figures.within(budget)
    months, known = ("2026-05", "2026-06", None), (None, position, position)
    asked = [replace(ASKED, month=month, known_by=by) for month in months for by in (*known, None)]
    for of in (reader.forecast, reader.curve, reader.answer):
        await asyncio.gather(*(of(manager, one) for one in asked))
    assert len(evaluated) == len(budget.weighed) == 3 * len(months) * len(known)
