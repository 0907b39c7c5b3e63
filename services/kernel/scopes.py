"""The scopes of a right: over whom and what somebody may use it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """How far a right reaches."""

    ALL = "all"
    OWN_DEPARTMENT = "own_department"
    """Who works in the department that one heads, and whom they are in charge of."""
    OWN_PEOPLE = "own_people"
    """Whom one is in charge of (主管)."""
    OWN_COHORTS = "own_cohorts"
    """The batches that one is head teacher of (班主任)."""
    OWN_CLASSES = "own_classes"
    """The classes that one teaches, watches over or helps in (讲师)."""
    SELF = "self"


Scopes = frozenset[Scope]
"""How far one right is to reach, by all the roles that give it."""

EVERYTHING: Final[Scopes] = frozenset((Scope.ALL,))


def merged(scopes: Iterable[Scope]) -> Scopes:
    """The scopes together: beside ALL nothing is told apart."""
    found = frozenset(scopes)
    return EVERYTHING if Scope.ALL in found else found


def narrowed(scopes: Scopes, to: Scope) -> Scopes:
    """The scopes of a role that was given for one: never wider than either."""
    if to is Scope.ALL:
        return scopes
    return frozenset((to,)) if Scope.ALL in scopes or to in scopes else frozenset()
