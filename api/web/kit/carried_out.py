"""What was carried out just before: the address of the next page says it, and that page tells it.

What is written is done, whether or not the read models show it yet. Mostly they do at once; where
they take longer, the page says that it is saved and will be shown shortly.
"""

from collections.abc import Collection
from typing import Any

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import CommandKind, name_of, path_of
from domain.kernel.errors import Refusal
from projections.kernel.progress import list_positions
from projections.kernel.projection import Projection
from services.reading.moment import position_of
from services.registry import COMMANDS

DONE, AT = "done", "at"
"""What an address says: the command, and its position where the read models had not reached it."""


class CarriedOut(Struct, frozen=True):
    """A command as the page after it tells of it.

    name: of the command in message ids. is_shown: whether the read models show what it changed.
    """

    name: str
    is_shown: bool


async def telling(
    page: PageContext, command: CommandKind, shown_by: Collection[Projection[Any]], position: int
) -> dict[str, str]:
    """What the address of the next page says, after some patience with the read models."""
    done = {DONE: path_of(command)}
    try:
        await page.app.wait_for(page.tenant, shown_by, position)
    except Refusal as refusal:
        if refusal.code != "position_not_reached":
            raise
        return {**done, AT: str(position)}
    return done


async def told(page: PageContext, shown_by: Collection[Projection[Any]]) -> CarriedOut | None:
    """What the page's address says to have been carried out. Refuses `position_invalid`."""
    params = page.request.query_params
    stated = params.get(DONE)
    name = next((name_of(one) for one in COMMANDS if path_of(one) == stated), None)
    if name is None or not page.wording.t.known(f"command.{name}", ""):
        return None
    position = position_of(params.get(AT)) or 0
    reached = await page.app.read(page.tenant, lambda tenant: list_positions(tenant, shown_by))
    return CarriedOut(name, min(reached) >= position)
