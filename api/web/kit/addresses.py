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
