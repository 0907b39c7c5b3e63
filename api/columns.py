"""Lists of objects whose attributes are read of all of them at once, and which are made late.

What a view shows is mostly an attribute of the row that it holds: to read it of a hundred rows,
nobody has to make a hundred views.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, TypeVar

V = TypeVar("V")

reader = cache(attrgetter)
"""What reads an attribute of an object, by its path."""


class LazyList(Sequence[V]):
    """Objects around what they hold, none of them None, made as soon as one of them is looked at.

    attribute: of each object, under which it holds its own of `held`. make: makes all of them.
    """

    def __init__(
        self, held: Sequence[Any], attribute: str, make: Callable[[Iterable[Any]], Iterable[V]]
    ) -> None:
        self._held, self._attribute, self._make = held, attribute, make

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[V]:
        return iter(self._made)

    def __getitem__(self, place: Any) -> Any:
        return self._made[place]

    @cached_property
    def _made(self) -> list[V]:
        return [*self._make(self._held)]

    def column(self, path: str) -> Sequence[Any]:
        """An attribute of each, by its path; of what they hold without making them."""
        first, _, rest = path.partition(".")
        if first != self._attribute:
            return column(self._made, path)
        return column(self._held, rest) if rest else self._held


def views(rows: Sequence[Any], view: Callable[[Any], V]) -> LazyList[V]:
    """Views of rows, which hold them as `row`."""
    return LazyList(rows, "row", lambda rows: map(view, rows))


def column(objects: Sequence[Any], path: str) -> Sequence[Any]:
    """An attribute of each object, by its path."""
    # By its type: to ask an abstract class takes ten times as long.
    return objects.column(path) if type(objects) is LazyList else [*map(reader(path), objects)]


def collected(objects: Iterable[Any]) -> Sequence[Any]:
    """The objects of whatever can be gone through."""
    return objects if type(objects) is LazyList else list(objects)
