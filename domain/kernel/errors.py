"""The refusals of commands and questions.

    Refusal                     a rule of the business says no
    ├── NotFoundError           what the command names is not there
    ├── TakenError              a number or code that must be unique is in use
    └── PermissionRefusedError  this principal may not do this

    ConflictError               somebody else changed the stream first (retried, never shown)
    InstallationError           the installation lacks what the work needs (waited for)

A refusal is data: a stable snake-case code and its parameters. Sentences for people, in their
language, are made at the doors (api/errors.py) from the catalogs; no text lives here.
"""

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """A rule of the business says no.

    code: stable, snake case, never reused. field: the field of the command that is to be mended,
    None where it is about the whole. also: others that may be mended instead. params: JSON-like
    values for the sentence.
    """

    also: Sequence[str] = ()

    def __init__(self, code: str, /, *, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.params) == (other.code, other.params)

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code}, {self.params})"


class NotFoundError(Refusal):
    """A thing that the command names does not exist, or is another tenant's."""


class TakenError(Refusal):
    """A number or code that must be unique in the tenant is in use."""


class PermissionRefusedError(Refusal):
    """This principal may not do this."""


class ConflictError(Exception):
    """A decision was made on a version of a stream that is no longer the last one.

    about: the stream's id, or `<kind> <key>` of a claim; empty where it was made on the whole log.
    """

    def __init__(self, about: str = "") -> None:
        super().__init__(about)
        self.about = about


class InstallationError(Exception):
    """The installation lacks what the work needs: nothing is decided, and it goes on once that is
    there. refusal: what whoever waits for it is told."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
