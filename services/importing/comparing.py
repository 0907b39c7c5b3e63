"""Comparing a row with what is recorded: new, the same, or contradicting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from services.importing.report import ALREADY_RECORDED, Outcome
from services.kernel.work import Work
from services.words.params import kept

UNDATED = "change_undated"
"""Why a fact is refused that is not the recorded one, and is a change once its day is given."""


def require_same(row: msgspec.Struct, **recorded: Any) -> None:
    """Refuses `contradicts_recorded` for a field of a row that states anything but the recorded.

    A field that nothing is recorded of contradicts nothing.
    """
    for field, known in recorded.items():
        given = getattr(row, field)
        if given in (None, known) or known is None:
            continue
        if _plain(given) != _plain(known):
            raise contradiction(field, known, given)


def _plain(said: Any) -> Any:
    """What is compared: a text as it was typed may have other spaces and forms than in a cell."""
    return tidy(said) if isinstance(said, str) else said


def contradiction(field: str, recorded: Any, given: Any) -> Refusal:
    return Refusal("contradicts_recorded", field=field, recorded=recorded, given=given)


def answer(work: Work, *, is_created: bool) -> None:
    """Answers the `outcome` of a row whose command has done its work."""
    if not work.pending():
        skip(work, ALREADY_RECORDED)
    else:
        work.answer["outcome"] = Outcome.CREATE if is_created else Outcome.CHANGE


def tell_new(work: Work, fact: str) -> None:
    """Answers that a fact of a row was not recorded before."""
    work.answer["new"] = [*work.answer.get("new", ()), fact]


def skip(work: Work, code: str, /, **params: Any) -> None:
    """Answers that nothing comes of a row, and the reason."""
    work.answer |= {"outcome": Outcome.SKIP, "reason": code, **kept(params)}


def note(work: Work, code: str, /, at: str, **params: Any) -> None:
    """Answers what came of a row besides. at: the field that it is about. params: without what is
    personal or free text (services/importing/closed.py)."""
    said = {"code": code, "at": at, **kept(params)}
    work.answer["notes"] = [*work.answer.get("notes", ()), said]


@contextmanager
def stating(field: str, /, also: Sequence[str] = (), **to_row: str) -> Iterator[None]:
    """A refusal of a single command names the row's field: of `to_row` by the command's own, else
    the one by which the fact is called. also: see Refusal."""
    try:
        yield
    except Refusal as refused:
        refused.field, refused.also = to_row.get(refused.field or "", field), also
        raise
