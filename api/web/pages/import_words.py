"""The words of a partner's sheets: mapped where nobody knows them, remembered, forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from litestar import Response, post
from msgspec import Struct

from api.web.kit.carried_out import telling
from api.web.kit.page import PageContext, PageHere, redirect
from api.web.kit.wording import Wording
from domain.people.partner import POST
from domain.trainees.events import POSTS
from services.execute import execute
from services.importing.notes import OF_POSTS
from services.importing.report import ImportReport
from services.importing.sheets import KINDS
from services.importing.teaching import ForgetWord, TeachWord
from services.importing.vocabulary import Of
from services.jobs.jobs import Job

MOST_WORDS = 40
"""Words that are asked about on one page."""

LACKING = ("sheet_lacks_headings", "headings_missing")
"""What is said of a sheet, or of a whole import, that lacks columns."""


class UnknownWord(Struct, frozen=True):
    """A heading or a post that nobody knows. where: the sheet. meanings: what it could mean. seems:
    what it means to judge by the cells below it."""

    of: str
    word: str
    where: str
    meanings: Sequence[str]
    seems: str | None = None

    def taught(self, means: str) -> str:
        """How a form says what the word means."""
        return "/".join((self.of, means, self.word))


def unknown_words(job: Job, report: ImportReport | None) -> list[UnknownWord]:
    """What nobody knows of the sheets of a check, each once; of columns without heading nothing can
    be remembered."""
    found = [*_lacking(job.error or "", job.error_params), *(_of_report(report) if report else ())]
    return list({(one.of, one.word): one for one in found if one.word}.values())[:MOST_WORDS]


def _of_report(report: ImportReport) -> Iterator[UnknownWord]:
    for sheet in report.sheets:
        for note in sheet.notes:
            yield from _lacking(note.code, {"sheet": sheet.name, **note.params})
            if sheet.kind and note.code in ("column_not_read", OF_POSTS):
                free = [name for name in KINDS[sheet.kind].columns if name not in sheet.columns]
                seems = POST if note.code == OF_POSTS else None
                free.sort(key=lambda name: name != seems)
                yield UnknownWord(sheet.kind, note.place.heading or "", sheet.name, free, seems)
    for row in report.refused:
        for fault in row.reasons:
            if fault.code == "post_unreadable":
                yield UnknownWord(POST, fault.params["value"], fault.place.sheet, POSTS)


def _lacking(code: str, said: Mapping[str, Any]) -> Iterator[UnknownWord]:
    if code in LACKING and "kind" in said:
        columns = KINDS[said["kind"]].columns
        likely = [*said["missing"], *(name for name in columns if name not in said["missing"])]
        for heading in said["unknown"]:
            yield UnknownWord(said["kind"], heading, said["sheet"], likely)


def meaning(w: Wording, of: str, means: str) -> str:
    """What a word means, as people read it."""
    return w.choice("post", means) if of == POST else KINDS[of].heading(means, w.language)


async def teach(page: PageContext, words: Sequence[str]) -> None:
    """Remembers what words mean (UnknownWord.taught). Refuses what TeachWord does."""
    for text in words:
        of, means, word = [*text.split("/", 2), "", ""][:3]
        await execute(_context(page), TeachWord(cast(Of, of), word, means))


@post("/import/words/forget")
async def forget_word(page: PageHere) -> Response[str]:
    """Forgets a word. Refuses `permission_refused`, `word_unknown`."""
    form = await page.form()
    word = str(form.get("word", ""))
    done = await execute(_context(page), ForgetWord(cast(Of, form.get("of")), word))

    async def about() -> str:
        return word

    says = await telling(page, ForgetWord, (), done.position, about)
    return redirect(f"/import?{urlencode(says)}")


def _context(page: PageContext) -> Any:
    return page.app.context(page.principal)
