"""The codes and numbers by which people name things: each is one thing's alone in the tenant."""

from collections.abc import Awaitable
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import ConflictError, NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from services.kernel.ports import ClaimPlace
from services.kernel.work import Taken, Work

A = TypeVar("A", bound=Aggregate)

LIKE = "~"
"""Before the number for whose sake another is claimed, which differs in leading zeros alone: the
owner of such a claim, and no stream's id."""


class Naming(msgspec.Struct, Generic[A], frozen=True):
    """How people name things of a kind; spacing, case and full-width forms do not matter.

    No two numbers differ in leading zeros alone, which spreadsheets drop: one that has such claims
    the one without them too.

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

    def place(self, name: str) -> ClaimPlace:
        """What is claimed for a name."""
        return self.claim_kind, number_key(name)

    def place_like(self, name: str) -> ClaimPlace | None:
        """What is claimed for the sake of a number that has leading zeros: the one without; None
        for any other name."""
        key = number_key(name)
        return None if (bare := _bare(key)) == key else (self.claim_kind, bare)

    def claim(self, work: Work, name: str, stream_id: str, taken: Taken | None = None) -> None:
        """Gives a name to a thing. Refuses `cohort_code_taken` and the like, or as `taken` says;
        `number_like_another` where another differs from it in leading zeros alone."""
        place, like = self.place(name), self.place_like(name)
        work.claim(*place, stream_id, partial(self._refused, name, taken))
        if like is not None:
            work.claim(*like, likeness(name), lambda owner: self._like(name, like[1], owner))

    def hand_over(self, work: Work, name: str, stream_id: str) -> None:
        """Gives the name of another thing to this one."""
        work.hand_over(*self.place(name), stream_id)

    async def release(self, work: Work, name: str, stream_id: str) -> None:
        """Takes its name from a thing, which anything may be given then."""
        work.release(*self.place(name), stream_id)
        like, ours = self.place_like(name), likeness(name)
        if like is not None and await work.owner(*like) == ours:
            work.release(*like, ours)

    async def find(self, work: Work, name: str) -> A | None:
        """The thing of this name, if there is one; not what is of another kind. Raises
        ConflictError where it was just withdrawn, and its name is free by now."""
        owner = await work.owner(*self.place(name))
        if owner is None or not owner.startswith(f"{self.kind.TOPIC}-"):
            return None
        found = await work.load(self.kind, owner)
        if found.is_withdrawn:
            raise ConflictError(owner)
        work.named.setdefault(owner, partial(self.unknown, name))
        return found

    async def get(self, work: Work, name: str) -> A:
        """The thing of this name. Raises NotFoundError, see `missing`."""
        found = await self.find(work, name)
        if found is None:
            raise await self.missing(work, name)
        return found

    async def missing(self, work: Work, name: str) -> NotFoundError:
        """The refusal of a name that is nothing's: `cohort_unknown` and the like, or
        `number_unknown_but_like` where only leading zeros tell it from one that is there."""
        bare = _bare(key := number_key(name))
        owner = await work.owner(self.claim_kind, bare)
        if owner is None or (like := _number(bare, owner)) == key:
            return self.unknown(name)
        field = self.named_in
        return NotFoundError("number_unknown_but_like", field=field, number=name, like=like)

    def named(self, work: Work, command: Any) -> Awaitable[A]:
        """The thing that a command names. Raises NotFoundError, see `get`."""
        return self.get(work, getattr(command, self.named_in))

    def _refused(self, name: str, taken: Taken | None, owner: str) -> Refusal | ConflictError:
        if owner.startswith(LIKE):
            return self._like(name, number_key(name), owner)
        return taken(owner) if taken else self._taken(name)

    def _like(self, name: str, claimed: str, owner: str) -> TakenError:
        like, number = _number(claimed, owner), tidy(name)
        return TakenError("number_like_another", field=self.stated_in, number=number, like=like)

    def _taken(self, name: str) -> TakenError:
        return TakenError(
            f"{self.claim_kind}_taken", field=self.stated_in, **{self.stated_in: tidy(name)}
        )

    def unknown(self, name: str) -> NotFoundError:
        """The refusal of a name that is nothing's."""
        return NotFoundError(
            f"{self.what}_unknown", field=self.named_in, **{self.stated_in: tidy(name)}
        )


def likeness(name: str) -> str:
    """The owner of what is claimed for the sake of a number."""
    return LIKE + number_key(name)


def _bare(key: str) -> str:
    """A number without its leading zeros; any other key as it is."""
    return key.lstrip("0") or "0" if key.isdecimal() else key


def _number(claimed: str, owner: str) -> str:
    """The number for which one is claimed: itself, or another that is like it."""
    return owner.removeprefix(LIKE) if owner.startswith(LIKE) else claimed
