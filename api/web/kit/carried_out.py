"""What was carried out just before: the address of the next page says it, and that page tells it.

It is sealed: only this session's own address is believed, and not for long, so that a bookmark or a
link that was sent on says nothing. What is written is done, whether or not the read models show it
yet. Mostly they do at once; where they take longer, the page says that it is saved and will be
shown shortly.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import CommandKind, Remarked, name_of
from domain.kernel.errors import Refusal
from projections.kernel.projection import Projection

DONE: Final = "done"
"""What an address says it in."""

BELIEVED_FOR: Final = 600
"""Seconds after which an address tells no longer what was done."""


class _Told(Struct, frozen=True, array_like=True):
    """What the seal holds. position: that the read models had not reached, else 0."""

    command: str
    about: str
    position: int
    remark: Remarked | None = None


class CarriedOut(Struct, frozen=True):
    """A command as the page after it tells of it.

    name: of the command in message ids. about: whom or what. is_shown: whether the read models show
    what it changed. remark: what else is to be known about it.
    """

    name: str
    about: str
    is_shown: bool
    remark: Remarked | None


async def telling(
    page: PageContext,
    command: CommandKind,
    shown_by: Collection[Projection[Any]],
    position: int,
    about: Callable[[], Awaitable[str]] | None = None,
    remark: Callable[[], Awaitable[Remarked | None]] | None = None,
) -> dict[str, str]:
    """What the address of the next page says, after some patience with the read models.

    shown_by: none where pages read it from the log. about: reads from them whom or what it was
    about; remark: what else is to be known about it.
    """
    ahead = 0 if not shown_by or await are_shown(page, shown_by, position) else position
    remarked = await remark() if remark and not ahead else None
    said = _Told(name_of(command), await about() if about else "", ahead, remarked)
    return {DONE: page.seal.of(DONE).close(msgspec.json.encode(said).decode())}


async def are_shown(page: PageContext, shown_by: Iterable[Projection[Any]], position: int) -> bool:
    """Whether read models show what was recorded up to a position, after some patience with
    them."""
    try:
        await page.app.wait_for(page.tenant, shown_by, position)
    except Refusal as refusal:
        if refusal.code != "position_not_reached":
            raise
        return False
    return True


async def told(page: PageContext, shown_by: Collection[Projection[Any]]) -> CarriedOut | None:
    """What was carried out as the page's address says."""
    sealed = page.request.query_params.get(DONE, "")
    try:
        opened = page.seal.of(DONE).open(sealed, BELIEVED_FOR)
        said = msgspec.json.decode(opened, type=_Told)
    except msgspec.DecodeError:
        return None  # Nothing was carried out just before, or another session says so.
    reached = await page.app.reached(page.tenant, shown_by)
    return CarriedOut(
        said.command, said.about, min(reached, default=said.position) >= said.position, said.remark
    )
