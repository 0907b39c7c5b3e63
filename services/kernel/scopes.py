"""The scopes of a right: over whom and what somebody may use it."""

from collections.abc import Collection, Mapping
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


Ids = frozenset[str]

Scopes = Mapping[Scope, Ids]
"""How far one right reaches, by all the roles that give it: for each scope whose the own is by it,
the ids of people; of OWN_CLASSES the classes themselves, of ALL nothing. So what is somebody's own
by one right is not by another."""

EVERYTHING: Final[Scopes] = {Scope.ALL: frozenset()}


def merged(one: Scopes, other: Scopes) -> Scopes:
    """What is within either: beside ALL nothing is told apart."""
    both = {scope: one.get(scope, Ids()) | other.get(scope, Ids()) for scope in {**one, **other}}
    return EVERYTHING if Scope.ALL in both else both


def narrowed(scopes: Collection[Scope], to: Scope) -> frozenset[Scope]:
    """The scopes of a role that was given for one: never wider than either."""
    if to is Scope.ALL:
        return frozenset(scopes)
    return frozenset((to,)) if Scope.ALL in scopes or to in scopes else frozenset()
