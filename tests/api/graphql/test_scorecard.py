"""The scorecard as the schema has it; the figures' own tests say where they come from."""

from datetime import date
from typing import Any

import pytest

from api.graphql.types.ratio import AsOf
from api.graphql.types.scheme import Scorecard as Shown
from domain.kernel.values import Ratio
from domain.kpi.kpi import KpiFigure
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.scorecard import Scorecard, scorecard, shown_points, summary_of
from services.reading.moment import Question
from services.words.texts import read_texts

DAY = date(2026, 6, 30)
AS_OF = AsOf(Question(DAY, DAY), 7, (0,))
SLUGS = [slug for line in CHANNEL_TRAINER for slug in line.kpis]


def figure(slug: str, ratio: Ratio, **more: Any) -> KpiFigure:
    known = {"floor": None, "ceiling": None, "is_final": True, "final_on": DAY} | more
    return KpiFigure(slug=slug, ratio=ratio, **known)


def told(card: Scorecard, language: str) -> str:
    msgid, params = summary_of(card, shown_points(card.earned))
    return read_texts(language)(msgid, **params)


def test_only_the_five_known_lines_fully_met_are_65_of_65_and_never_100_percent() -> None:
    lines = tuple(
        Line(line.code, line.weight, tuple(Criterion(c.kpi, Ratio(1, 2)) for c in line.criteria))
        for line in CHANNEL_TRAINER
    )
    card = scorecard(lines, {slug: figure(slug, Ratio(18, 18)) for slug in SLUGS})
    assert told(card, "en") == "65 of 65 defined; 35 undefined"
    assert told(card, "zh-CN") == "已定义 65 分，得 65 分；未定义 35 分"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_not_scored_is_said_beside_what_was_earned(language: str) -> None:
    card = scorecard(CHANNEL_TRAINER, {slug: figure(slug, Ratio(1, 1)) for slug in SLUGS})
    sentence = told(card, language)
    assert [number for number in ("65", "35", "30") if number in sentence] == ["65", "35", "30"]
    assert "%" not in sentence


def test_a_line_that_is_not_scored_has_no_points_and_says_why() -> None:
    rate = figure(
        "order_rate",
        Ratio(10, 18),
        floor=Ratio(4, 18),
        ceiling=Ratio(15, 18),
        is_final=False,
        final_on=date(2026, 7, 29),
    )
    nothing = figure("average_orders", Ratio(0, 0), has_source=False)
    card = scorecard(CHANNEL_TRAINER[:2], {rate.slug: rate, nothing.slug: nothing})
    first, second = Shown(row=card, as_of=AS_OF).lines
    assert first.points is None
    assert (first.row.is_scored, first.row.missing) == (False, ("target_not_set",))
    (criterion,) = first.criteria
    assert criterion.row.verdict == "no_target"
    assert criterion.ratio and criterion.floor and criterion.ceiling
    shown = [criterion.ratio.shown, criterion.floor.shown, criterion.ceiling.shown]
    assert shown == ["55.5%", "22.2%", "83.3%"]
    assert (criterion.row.is_final, criterion.final_on) == (False, date(2026, 7, 29))
    assert second.row.missing == ("no_source", "target_not_set")
    assert second.criteria[0].ratio is None
