"""The formats of the samples stand: what is stored by them is added to, and never changed."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.samples.frozen import formats, thawed
from tests.samples.keeping import FROZEN, EventShape, Frozen, read, samples

LIVE, DAY, MORE = "trainee.went_live", '{"type":"string"}', "{}, may lack"


def of(version: int = 1, **fields: str) -> dict[str, EventShape]:
    """One event with its fields."""
    return {LIVE: EventShape(version, fields)}


THEN = Frozen({"0001_pre_log.sql": "a", "0002_pre_more.sql": "b"}, of(on=DAY))
EDITED, NEXT = {"0002_pre_more.sql": "edited"}, {"0003_pre_table.sql": "c"}


def test_there_is_a_sample() -> None:
    assert samples()


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_what_was_frozen_is_as_it_was(sample: Path) -> None:
    found = list(thawed(read(sample / FROZEN, Frozen), formats()))
    since = f"Formats are frozen since {sample.name} (infra/decisions/0060)"
    assert not found, "\n".join(f"{since}: {one}." for one in found)


@pytest.mark.parametrize(
    "now",
    [
        THEN,
        replace(THEN, migrations=THEN.migrations | NEXT),
        replace(THEN, events=of(on=DAY, shift=MORE) | {"trainee.other": EventShape(1, {})}),
        replace(THEN, events=of(2, shift=DAY)),
    ],
    ids=["nothing", "a migration", "a field that may lack", "a version"],
)
def test_what_is_added_leaves_it_as_it_was(now: Frozen) -> None:
    assert list(thawed(THEN, now)) == []


EDITING = "the migration {} is not as it was: leave it, and add one after the last"
STORING = "{} is stored otherwise, in {}: leave that to another version of it, with upcast_v1_v2"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            replace(THEN, migrations=THEN.migrations | EDITED),
            EDITING.format("0002_pre_more.sql"),
        ),
        (
            replace(THEN, migrations=dict(reversed(THEN.migrations.items()))),
            EDITING.format("0001_pre_log.sql"),
        ),
        (replace(THEN, events=of(on=f"{DAY}, sealed")), STORING.format(LIVE, "on")),
        (replace(THEN, events=of(on=DAY, shift=DAY)), STORING.format(LIVE, "shift")),
        (replace(THEN, events={}), f"version 1 of {LIVE} is not there: keep what reads it"),
    ],
    ids=["an edited migration", "another order", "a sealed field", "a field that must be", "none"],
)
def test_what_is_changed_says_what_to_do_instead(now: Frozen, said: str) -> None:
    first, *_ = thawed(THEN, now)
    assert first == said
