"""Words that a check was made with are remembered once the sheets could be read by them."""

from collections.abc import Collection, Sequence

import msgspec

from domain.people.partner import TaughtWord
from services.execute import execute
from services.importing.report import SheetReport
from services.importing.teaching import TeachWord
from services.kernel.context import Context


async def remember(ctx: Context, words: Collection[TeachWord], read: Sequence[SheetReport]) -> None:
    """Remembers the words by which sheets were read, but those for which one could not be: of two
    headings of one column."""
    apart = {
        TaughtWord(note.params["kind"], note.params[said], "").key
        for sheet in read
        for note in sheet.notes
        if note.code == "sheet_heading_twice"
        for said in ("heading", "first")
    }
    once = msgspec.structs.replace(ctx, idempotency_key=None)
    for one in words:
        if one.taught.key not in apart:
            await execute(once, one)
