"""Where things and the lists of them are: what makes their addresses, for pages and templates.

A kind is what global ids call it: `Trainee`.
"""

from urllib.parse import urlencode

from projections import LISTINGS

_PATHS = {one.kind: f"/{one.words}" for one in LISTINGS}


def list_address(kind: str, **given: str) -> str:
    """The address of the list of a kind, narrowed by its filters."""
    return _PATHS[kind] + (f"?{urlencode(given)}" if given else "")


def thing_address(kind: str, thing: str) -> str:
    """The address of one of a kind, by its id."""
    return f"{_PATHS[kind]}/{thing}"


def named_address(kind: str, name: str) -> str:
    """The address that leads to one of a kind by the code or number that people name it by."""
    return f"{_PATHS[kind]}/named?{urlencode({'name': name})}"


def number_in(part: str) -> int | None:
    """The number that a part of an address is, as ours are written; None for whatever else a
    program takes for one: `1_0`, `+1`."""
    return int(part) if part.isascii() and part.isdigit() and len(part) < 19 else None
