"""The codes and numbers by which people name things: each is one thing's alone in the tenant."""

from collections.abc import Awaitable
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import ConflictError, NotFoundError, TakenError
from domain.kernel.values import number_key, tidy
from services.kernel.work import Taken, Work

A = TypeVar("A", bound=Aggregate)

ZEROS_UP_TO = 12
"""Digits of the longest number with leading zeros that is looked for beside one without."""


class Naming(msgspec.Struct, Generic[A], frozen=True):
    """How people name things of a kind; spacing, case and full-width forms do not matter.

    what: the word for such a thing. stated_in: the field of a command that gives it its name:
    `code`, or a number's own, as `order_no`.
    """

    kind: type[A]
    what: str
    stated_in: str = "code"

    @property
    def claim_kind(self) -> str:
        """The kind of the claims that make a name one thing's alone: `cohort_code`, `order_no`."""
        return f"{self.what}_code" if self.stated_in == "code" else self.stated_in

    @property
    def named_in(self) -> str:
        """The field of a command that names a thing which is there: `cohort`, `order_no`."""
        return self.what if self.stated_in == "code" else self.stated_in

    def claim(self, work: Work, name: str, stream_id: str, taken: Taken | None = None) -> None:
        """Gives a name to a thing. Refuses `cohort_code_taken` and the like, or as `taken` says."""
        refused = taken or partial(self._taken, name)
        work.claim(self.claim_kind, number_key(name), stream_id, refused)

    def hand_over(self, work: Work, name: str, stream_id: str) -> None:
        """Gives the name of another thing to this one."""
        work.hand_over(self.claim_kind, number_key(name), stream_id)

    def release(self, work: Work, name: str, stream_id: str) -> None:
        """Takes its name from a thing, which anything may be given then."""
        work.release(self.claim_kind, number_key(name), stream_id)

    async def find(self, work: Work, name: str) -> A | None:
        """The thing of this name, if there is one. Raises ConflictError where it was just
        withdrawn, and its name is free by now."""
        found = await work.find(self.kind, self.claim_kind, number_key(name))
        if found is not None and found.is_withdrawn:
            raise ConflictError
        return found

    async def get(self, work: Work, name: str) -> A:
        """The thing of this name. Raises NotFoundError, see `missing`."""
        found = await self.find(work, name)
        if found is None:
            raise await self.missing(work, name)
        return found

    async def require_unlike(self, work: Work, name: str) -> None:
        """Refuses `number_like_another` for a new number that is another's but for leading zeros,
        which spreadsheets drop."""
        if like := await self._alike(work, name):
            raise TakenError(
                "number_like_another", field=self.stated_in, number=tidy(name), like=like
            )

    async def missing(self, work: Work, name: str) -> NotFoundError:
        """The refusal of a name that is nothing's: `cohort_unknown` and the like, or
        `number_unknown_but_like` where only leading zeros tell it from one that is there."""
        if like := await self._alike(work, name):
            field = self.named_in
            return NotFoundError("number_unknown_but_like", field=field, number=name, like=like)
        return self.unknown(name)

    async def _alike(self, work: Work, name: str) -> str | None:
        """A number that is there and differs from this one in leading zeros only."""
        key = number_key(name)
        if not key.isdecimal():
            return None
        digits = key.lstrip("0")
        lengths = range(len(digits), max(ZEROS_UP_TO, len(digits)) + 1)
        others = [padded for length in lengths if (padded := digits.zfill(length)) != key]
        return await work.first_owned(self.claim_kind, [one for one in others if one])

    def named(self, work: Work, command: Any) -> Awaitable[A]:
        """The thing that a command names. Raises NotFoundError, see `get`."""
        return self.get(work, getattr(command, self.named_in))

    def _taken(self, name: str) -> TakenError:
        return TakenError(
            f"{self.claim_kind}_taken", field=self.stated_in, **{self.stated_in: tidy(name)}
        )

    def unknown(self, name: str) -> NotFoundError:
        """The refusal of a name that is nothing's."""
        return NotFoundError(
            f"{self.what}_unknown", field=self.named_in, **{self.stated_in: tidy(name)}
        )
