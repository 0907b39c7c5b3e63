"""The parameters of what is refused or noted, as they are kept: JSON knows no days and no months,
so that the names of those stand beside.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from domain.kernel.values import Month

_READ: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {"day": date.fromisoformat, "month": Month.parse}
)
_SEVERAL = (list, tuple, set, frozenset)


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as JSON holds them."""
    return {name: _plain(value) for name, value in params.items()}


def kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters to be stored: `params` as JSON holds them, and their `types`, which `read`
    takes."""
    types = types_of(params)
    return {"params": plain(params)} | ({"types": types} if types else {})


def types_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """What those parameters are that JSON holds as texts: each `day` or `month`, a mapping the same
    of what is in it. What a list or a set holds is of one type."""
    said = ((name, _type(value)) for name, value in params.items())
    return {name: its for name, its in said if its}


def read(params: Mapping[str, Any], types: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The parameters that were stored, as they had been."""
    return {
        name: _restored(value, types[name]) if name in types else value
        for name, value in params.items()
    }


def _type(value: Any) -> Any:
    if isinstance(value, _SEVERAL):
        return next(filter(None, map(_type, value)), None)
    if isinstance(value, Mapping):
        return types_of(value) or None
    if isinstance(value, Month):
        return "month"
    return "day" if type(value) is date else None


def _restored(value: Any, its: Any) -> Any:
    if isinstance(value, list):
        return [_restored(item, its) for item in value]
    if isinstance(value, Mapping):
        return read(value, its)
    return _READ[its](value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, _SEVERAL):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
