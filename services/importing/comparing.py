"""Comparing a row with what is recorded: new, the same, or contradicting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domain.kernel.errors import Refusal
from services.importing.report import Outcome
from services.kernel.work import Work


def is_new(field: str, recorded: Any, given: Any) -> bool:
    """Whether a cell states what is not recorded. Refuses `contradicts_recorded`."""
    if given is None or given == recorded:
        return False
    if recorded is None:
        return True
    raise contradiction(field, recorded, given)


def require_same(field: str, recorded: Any, given: Any) -> None:
    """Refuses `contradicts_recorded` for a cell that states anything but what is recorded."""
    if given is not None and given != recorded:
        raise contradiction(field, recorded, given)


def contradiction(field: str, recorded: Any, given: Any) -> Refusal:
    return Refusal("contradicts_recorded", field=field, recorded=recorded, given=given)


def answer(work: Work, *, is_created: bool) -> None:
    """Answers the `outcome` of a row whose command has done its work."""
    if not work.pending():
        work.answer = {"outcome": Outcome.SKIP, "reason": "already_recorded"}
    else:
        work.answer = {"outcome": Outcome.CREATE if is_created else Outcome.CHANGE}


@contextmanager
def fields_renamed(**to_row: str) -> Iterator[None]:
    """A refusal of a single command names the row's field; fields not given have the same name."""
    try:
        yield
    except Refusal as refused:
        if refused.field is not None:
            refused.field = to_row.get(refused.field, refused.field)
        raise
