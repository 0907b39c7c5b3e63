"""Whom a question about figures means, wherever the read models stand."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from domain.kpi.catalog import NEWCOMER_FIGURES
from infra.bootstrap import App
from infra.readside.projector import Projector
from projections import PROJECTIONS
from projections.figures.evidence import SOURCES
from projections.kernel.projection import Projection
from projections.people.people import PEOPLE
from services.kernel.context import Principal
from services.reading.moment import Question
from tests.carrying import record
from tests.situation import batch_opened, enrolled
from tests.staff import joined, registered, renamed

EVENING = date(2026, 6, 1)


@pytest.mark.parametrize("said", ["M2", "钱大海"])
@pytest.mark.parametrize("ahead", [SOURCES, [PEOPLE]], ids=["figures", "names"])
async def test_who_was_joined_into_another_is_found_while_names_and_figures_are_of_two_states(
    app: App, manager: Principal, ahead: Sequence[Projection[Any]], said: str
) -> None:
    await record(
        app,
        manager,
        registered("M1", name="钱主管"),
        registered("M2", name="钱大海"),
        batch_opened("A1"),
        enrolled("E1", manager="M2"),
    )
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)
    asked = Question(EVENING, EVENING, manager=said)
    await record(app, manager, joined("M2", into="M1"))
    await Projector(app.db, app.log, ahead).catch_up(manager.tenant)
    answer = await app.figures.answer(manager, asked, NEWCOMER_FIGURES)
    assert answer.whole["entered"].ratio.numerator == 1


async def test_a_trainee_whose_name_a_manager_takes_later_hides_none_of_before(
    app: App, manager: Principal
) -> None:
    then = await record(
        app,
        manager,
        registered("M1", name="钱主管"),
        batch_opened("A1"),
        enrolled("E1", manager="M1"),
        enrolled("E2", name="钱多多"),
    )
    await record(app, manager, renamed("M1", to="钱多多", on=EVENING))
    await Projector(app.db, app.log, PROJECTIONS).catch_up(manager.tenant)
    asked = Question(EVENING, EVENING, manager="钱多多", known_by=then.position)
    answer = await app.figures.answer(manager, asked, NEWCOMER_FIGURES)
    assert answer.whole["entered"].ratio.numerator == 1
