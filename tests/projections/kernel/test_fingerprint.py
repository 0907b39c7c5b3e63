"""A projection changes only with its version: its fingerprint sees what must not change."""

import json
from typing import Any

import msgspec
import pytest

from domain.trainees.trainee import Trainee
from projections import PROJECTIONS
from projections.kernel.fingerprint import fingerprint
from projections.kernel.projection import Parts, Projection
from projections.trainees.cohort_members import COHORT_MEMBERS
from tests.place import GOLDEN

RELEASED: dict[str, str] = json.loads((GOLDEN / "projections.json").read_text())
"""Table -> the fingerprint under which that version was released."""


class Nested(msgspec.Struct):
    """Stored in a JSON column."""

    first: int


class NestedMore(msgspec.Struct):
    """The same with one field more."""

    first: int
    second: int = 0


class Row(msgspec.Struct):
    """A row with a JSON column."""

    name: str
    title: Nested


class RowInOtherWords(msgspec.Struct):
    """The same fields, described otherwise."""

    name: str
    title: Nested


class RowMore(msgspec.Struct):
    """The same columns, with one field more in the JSON column."""

    name: str
    title: NestedMore


def projection(**changed: Any) -> Projection[Any]:
    probe: Projection[Any] = msgspec.structs.replace(COHORT_MEMBERS, row=Row, primary_key=("name",))
    return msgspec.structs.replace(probe, **changed)


def parts(**changed: Any) -> Parts[Any]:
    made = {"name": "parts", "version": 1, "row": Row, "primary_key": ("name",)}
    return Parts(**{**made, "of": lambda row: {(row.name,): row}, "make": lambda of: of, **changed})


@pytest.mark.parametrize(
    "changed",
    [{"row": RowMore}, {"primary_key": ("title",)}, {"version": 2}],
    ids=["nested_field", "key", "version"],
)
def test_a_change_of_its_parts_is_seen(changed: dict[str, Any]) -> None:
    other = projection(parts=parts(**changed))
    assert fingerprint(other) != fingerprint(projection(parts=parts()))


def test_what_changes_of_parts_is_known_by_the_rows_that_were_there() -> None:
    with_parts = [one for one in PROJECTIONS if one.parts]
    assert with_parts
    assert all(one.loads for one in with_parts)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.table)
def test_a_released_version_is_as_it_was_released(projection: Projection[Any]) -> None:
    now = fingerprint(projection)
    assert RELEASED.get(projection.table) == now, (
        f"{projection.table} has other events, another row or another key than it was released"
        f" with: give it a version that was never released, and add its table with {now!r} to"
        " tests/golden/projections.json"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"events": (Trainee.Enrolled,)},
        {"row": RowMore},
        {"primary_key": ("title",)},
        {"personal": True},
        {"envelope": True},
        {"parts": parts()},
    ],
    ids=["events", "nested_field", "key", "personal_fields", "envelope", "parts"],
)
def test_a_change_of_substance_is_seen(changed: dict[str, Any]) -> None:
    assert fingerprint(projection(**changed)) != fingerprint(projection())


@pytest.mark.parametrize(
    "changed",
    [{"row": RowInOtherWords}, {"indexes": (("name",),)}, {"version": 9}],
    ids=["name_and_docstring", "indexes", "version"],
)
def test_a_change_of_form_is_not_seen(changed: dict[str, Any]) -> None:
    assert fingerprint(projection(**changed)) == fingerprint(projection())
