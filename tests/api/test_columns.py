"""Lists of objects that are read without being made."""

from types import SimpleNamespace
from typing import Any

from api.columns import LazyList, column, views

ROWS = [SimpleNamespace(name="a", window=SimpleNamespace(day=1)), SimpleNamespace(name="b")]


def unmade(_: Any) -> Any:
    raise AssertionError("it was made")


def test_what_objects_hold_is_read_and_none_of_them_made() -> None:
    nodes = views(ROWS, unmade)
    edges = LazyList(nodes, "node", unmade)
    assert len(edges) == 2
    assert column(nodes, "row.name") == ["a", "b"]
    assert column(views(ROWS[:1], unmade), "row.window.day") == [1]
    assert column(column(edges, "node"), "row.name") == ["a", "b"]


def test_an_attribute_of_their_own_is_read_of_the_objects_which_are_made_once() -> None:
    viewed = []

    def view(row: Any) -> Any:
        viewed.append(row)
        return SimpleNamespace(row=row, loud=row.name.upper())

    made = views(ROWS, view)
    assert column(made, "loud") == ["A", "B"]
    assert [one.row for one in made] == ROWS
    assert made[0].row is ROWS[0]
    assert viewed == ROWS
