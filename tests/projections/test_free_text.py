"""Free text: in no read model but that of the thing it was written for."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from domain.kernel.aggregate import FREE_TEXT, marked_fields
from projections import PROJECTIONS
from projections.kernel.projection import Projection
from tests.carrying import recorded
from tests.follow_ups import FOLLOWED_UP
from tests.gwt import given
from tests.situation import (
    CLASS_HELD,
    LIFE,
    class_cancelled,
    class_planned,
    go_live_corrected,
    held_off,
    judged,
    left,
    march,
    order_voided,
    spot_checked,
    summary_corrected,
    transferred,
)

LIFE_WITH_WORDS = (
    *LIFE,
    *CLASS_HELD,
    *FOLLOWED_UP,
    summary_corrected("K0", on=march(7), text="改过的总结"),
    class_planned("K1", on=march(9)),
    class_cancelled("K1", on=march(8)),
    judged("E1", passed=True, on=march(4)),
    transferred("E1", to="A1", on=march(5)),
    go_live_corrected("E0", was=march(2), on=march(3)),
    spot_checked("E0", "basics", passed=False, on=march(8), feedback="答不上来"),
    held_off("E0", on=march(9)),
    order_voided("N2", on=march(9)),
    left("E1", on=march(9)),
)
TEXTS = {
    text: one.event.TOPIC
    for one in recorded(LIFE_WITH_WORDS)
    for name in marked_fields(type(one.event), FREE_TEXT)
    if (text := getattr(one.event, name))
}
WRITTEN_FOR: Mapping[str, set[str]] = {
    "sessions": {"session.summary_corrected"},
    "follow_ups": {"follow_up.noted"},
}
"""The events whose text is in a read model after that life."""


def test_something_was_written_on_every_occasion() -> None:
    assert len(TEXTS) > 8


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_the_words_of_a_life_are_in_the_rows_they_were_written_for(
    projection: Projection[Any],
) -> None:
    rows = msgspec.json.encode(given(projection, *LIFE_WITH_WORDS).rows).decode()
    found = {topic for text, topic in TEXTS.items() if text in rows}
    assert found == WRITTEN_FOR.get(projection.name, set())
