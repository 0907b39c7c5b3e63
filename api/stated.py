"""What the filters of a list are given: by an argument of GraphQL, or by a text of an address."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from strawberry.utils.str_converters import to_camel_case

from api.ids import own_id
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from projections.kernel.filters import Filter


def require_one(given: Mapping[str, Any]) -> None:
    """Refuses `which_one_unsaid` where none of the arguments is stated that name one thing."""
    if all(value is None for value in given.values()):
        raise Refusal("which_one_unsaid", names=[*map(to_camel_case, given)])


def stated(name: str, one: Filter[Any], value: Any) -> Any:
    """What a filter is given for an argument, typed or as text.

    Refuses `id_invalid`, `month_invalid`, `filter_invalid`.
    """
    if value is None:
        return None
    if one.of is not None:
        return own_id(value, one.of)[1]
    if one.kind is Month:
        return Month.parse(value)
    if isinstance(value, Enum):
        return value.value
    found = value
    if one.kind is bool and isinstance(value, str):
        found = {"true": True, "false": False}.get(value.lower())
    elif get_origin(one.kind) is Literal:
        found = value.lower() if value.lower() in get_args(one.kind) else None
    if found is None:
        raise Refusal("filter_invalid", filter=name, value=str(value)[:100])
    return found
