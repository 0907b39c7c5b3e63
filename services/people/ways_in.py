"""The ways in that an installation offers beside passwords."""

from collections.abc import Collection
from typing import NamedTuple


class WaysIn(NamedTuple):
    """providers: by which one can sign in. host: at which passkeys are good."""

    providers: Collection[str]
    host: str
