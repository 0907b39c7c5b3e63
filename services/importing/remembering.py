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
    headings of one column. With the key of a check once, whatever is said of them since."""
    apart = {
        TaughtWord(note.params["kind"], note.params[said], "").key
        for sheet in read
        for note in sheet.notes
        if note.code == "sheet_heading_twice"
        for said in ("heading", "first")
    }
    check = ctx.idempotency_key
    for place, one in enumerate(words):
        if one.taught.key not in apart:
            key = f"{check}:word:{place}" if check else None
            await execute(msgspec.structs.replace(ctx, idempotency_key=key), one)
