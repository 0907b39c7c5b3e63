"""Whoever may read some people's figures alone counts those people, and the classes of those
batches, and nothing else; the partner is that of test_purviews.py."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from msgspec.structs import replace

from domain.kernel.errors import NotFoundError
from domain.kpi.catalog import CATALOG, kpi_by_slug
from infra.bootstrap import App
from projections import LISTINGS
from services.kernel.context import Principal
from services.reading.moment import Question
from tests.services.reading import test_purviews
from tests.services.reading.test_purviews import (
    HEAD,
    MOMENTS,
    Asker,
    Lived,
    Seen,
    all_of,
    askers,
    limited,
    moment_of,
    often,
    reading,
)

lived = test_purviews.lived

DUE = "class_opened_on_time"
OF_CLASSES = [kpi_by_slug(DUE)]


def question_of(lived: Lived, at: Any) -> Question:
    moment, today = moment_of(lived, at), date(2026, 6, 1)
    if moment is None:
        return Question(today, today)
    return Question(min(moment.happened_by, today), today, known_by=moment.position)


async def seen_by(app: App, lived: Lived, asked: Question, who: Principal) -> Seen:
    with reading(app, lived.everybody, lived, asked.moment(lived.position)) as everybody:
        return Seen({one.name: await all_of(everybody, one) for one in LISTINGS}, who)


@pytest.mark.parametrize("at", MOMENTS, ids=str)
@often
@given(asks=askers)
async def test_every_figure_is_of_those_within_alone(
    app: App, lived: Lived, at: Any, asks: Asker
) -> None:
    who, asked = limited(lived, *asks), question_of(lived, at)
    seen = await seen_by(app, lived, asked, who)
    whole, total = app.figures.answer, 0
    both = ("manager", "cohort", "training_manager", "month")
    ways = (await whole(lived.everybody, asked, CATALOG, both)).ways
    own = (await whole(who, asked, CATALOG, ("all", *both))).ways
    for boss in ways["manager"]:
        for code in ways["cohort"]:
            pair = replace(asked, manager=boss, cohort=code)
            answer = (await whole(lived.everybody, pair)).whole
            entered = answer["entered"].ratio.numerator
            if boss in seen.bosses or code in seen.codes:
                total += entered
                if entered:
                    assert (await whole(who, pair)).whole == answer
            elif code in {*own["cohort"], *seen.plans} and boss in own["manager"]:
                assert not (await whole(who, pair)).whole["entered"].ratio.numerator
            elif code not in {*own["cohort"], *seen.plans}:
                with pytest.raises(NotFoundError):
                    await whole(who, pair)
    for by, mine in (("manager", seen.bosses), ("cohort", seen.codes)):
        for key in ways[by]:
            narrowed = replace(asked, **{by: key})
            if key in mine:
                assert own[by][key] == ways[by][key]
            elif key not in {*own[by], *seen.plans}:
                with pytest.raises(NotFoundError) as refused:
                    await whole(who, narrowed)
                with pytest.raises(NotFoundError) as unknown:
                    await whole(who, replace(asked, **{by: "从未有过"}))
                assert refused.value.code == unknown.value.code == f"{by}_unknown"
    nobody = await _in_no_managers_care(app, lived, asked, seen.codes)
    assert own["all"][""]["entered"].ratio.numerator == total + nobody
    for by in both:
        series, _ = await app.figures.series(who, asked, by, [kpi_by_slug("entered")])
        assert {*series} == {*own[by]}


@pytest.mark.parametrize("at", MOMENTS, ids=str)
@often
@given(asks=askers)
@example(asks=HEAD)
async def test_figures_of_classes_are_of_the_batches_whose_classes_are_read_by_the_batch(
    app: App, lived: Lived, at: Any, asks: Asker
) -> None:
    who, asked = limited(lived, *asks), question_of(lived, at)
    seen, total = await seen_by(app, lived, asked, who), 0
    for code in (row.code for row in seen.rows["cohorts"]):
        of = replace(asked, cohort=code)
        due = (await app.figures.answer(lived.everybody, of, OF_CLASSES)).whole
        if code in seen.plans | seen.codes:
            assert await _due(app, who, of) == due[DUE].ratio.denominator
            total += due[DUE].ratio.denominator
        else:
            assert not await _due(app, who, of)
    assert await _due(app, who, asked) == total
    answer = await app.figures.answer(who, asked, OF_CLASSES, ("training_manager",))
    for key in answer.ways["training_manager"]:
        assert await _due(app, who, replace(asked, training_manager=key)) is not None


async def _due(app: App, who: Principal, asked: Question) -> int | None:
    """How many classes were due; None of a group that is unknown."""
    try:
        return (await app.figures.answer(who, asked, OF_CLASSES)).whole[DUE].ratio.denominator
    except NotFoundError:
        return None


async def _in_no_managers_care(
    app: App, lived: Lived, asked: Question, codes: Sequence[str] | set[str]
) -> int:
    """How many entered these batches of whom nobody is in charge."""
    found = 0
    for code in codes:
        try:
            of = replace(asked, cohort=code)
            answer = await app.figures.answer(
                lived.everybody, of, [kpi_by_slug("entered")], ("all", "manager")
            )
        except NotFoundError:
            continue
        entered = [its["entered"].ratio.numerator for its in answer.ways["manager"].values()]
        found += answer.whole["entered"].ratio.numerator - sum(entered)
    return found
