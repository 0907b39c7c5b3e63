"""The words of a partner's sheets: mapped where nobody knows them, remembered, forgotten."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import urlencode

from litestar import Response, post
from msgspec import Struct
from msgspec.structs import replace

from api.needs import needs
from api.web.kit.carried_out import telling
from api.web.kit.page import PageContext, PageHere, redirect
from api.web.kit.wording import Wording
from domain.kernel.values import heading_key
from domain.people.partner import POST, TaughtWord
from domain.trainees.events import POSTS
from services.execute import execute
from services.importing.notes import OF_POSTS
from services.importing.report import BLANK, CELL_MENDED, ImportReport, Place, SheetReport
from services.importing.sheets import KINDS
from services.importing.spellings import is_blank
from services.importing.teaching import ForgetWord, TeachWord
from services.importing.vocabulary import Of
from services.jobs.jobs import Job
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.words.texts import FIRST_LANGUAGE

IMPORTS: Final = needs(Permission.IMPORT_FILES, everything=True)
"""What every page of imports takes."""

MOST_WORDS = 40
"""Words that are asked about on one page."""

LACKING = ("sheet_lacks_headings", "headings_missing")
"""What is said of a sheet, or of a whole import, that lacks columns."""


TWICE = ("sheet_heading_twice", "heading_twice")
"""What is said of a sheet, or of a whole import, that has two columns for one field."""

Taught = Mapping[tuple[str, str], str]
"""Of which kind, and by its key: a word -> what it is remembered to mean."""


class UnknownWord(Struct, frozen=True):
    """A heading or a post that nobody knows, or of two that mean one column. where: the
    sheet, column: its letter. meanings: what it could mean. seems: what it means to judge by the
    cells below it. means: what it is remembered to mean. cell: of one of several columns that no
    word tells apart. is_read: whether such a column is read without a choice; read_as: the heading
    that was chosen. taken: the keys of the words that are remembered."""

    of: str
    word: str
    where: str
    meanings: Sequence[str]
    seems: str | None = None
    column: str | None = None
    means: str | None = None
    cell: Place | None = None
    is_read: bool = False
    read_as: str | None = None
    taken: Collection[str] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether it was chosen that such a column is not read."""
        return self.read_as == BLANK

    def taught(self, means: str) -> str:
        """How a form says what the word means."""
        return "/".join((self.of, means, self.word))

    def mended(self, means: str) -> str:
        """How its cell says so, in the language of the heading that stands there."""
        language = "en" if self.word.isascii() else FIRST_LANGUAGE
        return KINDS[self.of].heading(means, language, self.taken)


def unknown_words(
    job: Job, report: ImportReport | None, tried: Sequence[TeachWord], known: Sequence[TaughtWord]
) -> list[UnknownWord]:
    """What nobody knows of the sheets of a check, each word once, and each column by itself where
    several have one heading; of columns without heading nothing can be remembered. tried: the
    words that the check was made with, which are asked about again where it failed. known: those
    that are remembered."""
    taught = {(one.of, one.key): one.means for one in known}
    found = [*_of_note(job.error or "", job.error_params, taught)]
    if report:
        found += _of_report(report, taught)
    elif job.error:
        found += [UnknownWord(one.of, one.word, "", _meanings(one.of)) for one in tried]
    once: dict[tuple[str, str, Place | None], UnknownWord] = {}
    for one in found:
        once.setdefault((one.of, one.word, one.cell), one)
    return [one for one in once.values() if not is_blank(one.word)][:MOST_WORDS]


def remembered(tried: Sequence[TeachWord], known: Sequence[TaughtWord]) -> list[TaughtWord]:
    """The words that a check was made with, so far as they are remembered since. known: all that
    are."""
    means = {(one.of, one.key): one.means for one in known}
    said = (one.taught for one in tried)
    return [one for one in said if means.get((one.of, one.key)) == one.means]


def _of_report(report: ImportReport, taught: Taught) -> Iterator[UnknownWord]:
    for sheet in report.sheets:
        for note in sheet.notes:
            yield from _of_note(note.code, {"sheet": sheet.name, **note.params}, taught)
        if sheet.kind is not None:
            yield from _of_columns(sheet, sheet.kind, taught)
    for row in report.refused:
        for fault in row.reasons:
            # A number that slipped into the column is no word for a post.
            if fault.code == "post_unreadable" and any(map(str.isalpha, fault.params["value"])):
                yield UnknownWord(POST, fault.params["value"], fault.place.sheet, POSTS)


def _of_columns(sheet: SheetReport, kind: str, taught: Taught) -> Iterator[UnknownWord]:
    """The columns that are not read, and those whose headings were mended."""
    unread = [note for note in sheet.notes if note.code in ("column_not_read", OF_POSTS)]
    heads = [note.place.heading or "" for note in unread]
    free = [name for name in KINDS[kind].columns if name not in sheet.columns]
    for note, head in zip(unread, heads, strict=True):
        seems = POST if note.code == OF_POSTS else None
        likely = [POST, *(name for name in free if name != POST)] if seems else free
        one = UnknownWord(kind, head, sheet.name, likely, seems, note.place.column)
        yield _alone(one, heads, sheet.heading_place, taught)
    for note in sheet.notes:
        if note.code == CELL_MENDED:
            was, becomes = note.params["was"], note.params["value"]
            one = UnknownWord(kind, was, sheet.name, _meanings(kind), column=note.place.column)
            yield replace(one, cell=note.place, is_read=True, read_as=becomes)


def _of_note(code: str, said: Mapping[str, Any], taught: Taught) -> Iterator[UnknownWord]:
    """The headings for which a sheet, or a whole import, is refused."""
    if code not in (*TWICE, *LACKING) or "row" not in said:
        return
    kind, where = said["kind"], said["sheet"]
    row = Place(said["file"], where, said["row"])
    if code in TWICE:
        heads = [said["first"], said["heading"]]
        for heading, column in zip(heads, (said["first_column"], said["column"]), strict=True):
            means = taught.get((kind, TaughtWord(kind, heading, "").key))
            one = UnknownWord(kind, heading, where, _meanings(kind), None, column, means)
            yield _alone(replace(one, is_read=True), heads, row, taught)
    else:
        columns = KINDS[kind].columns
        likely = [*said["missing"], *(name for name in columns if name not in said["missing"])]
        for heading, column in zip(said["unknown"], said["columns"], strict=True):
            one = UnknownWord(kind, heading, where, likely, column=column)
            yield _alone(one, said["unknown"], row, taught)


def _alone(one: UnknownWord, heads: Sequence[str], row: Place, taught: Taught) -> UnknownWord:
    """The word, by its cell in the row of its heading where others of these are the same word."""
    if [*map(heading_key, heads)].count(heading_key(one.word)) == 1:
        return one
    taken = {key for kind, key in taught if kind == one.of}
    return replace(one, means=None, cell=replace(row, column=one.column), taken=taken)


def _meanings(of: str) -> Sequence[str]:
    """All that a word of this kind can mean."""
    return POSTS if of == POST else [*KINDS[of].columns]


def meaning(w: Wording, of: str, means: str) -> str:
    """What a word means, as people read it."""
    return w.choice("post", means) if of == POST else KINDS[of].heading(means, w.language)


async def words_taught(page: PageContext, words: Sequence[str]) -> list[TeachWord]:
    """What words are to mean (UnknownWord.taught). Refuses what TeachWord does."""
    ctx, taught = rehearsing(_context(page)), list[TeachWord]()
    for text in words:
        of, means, word = [*text.split("/", 2), "", ""][:3]
        taught.append(TeachWord(cast(Of, of), word, means))
        await execute(ctx, taught[-1])
    return taught


@post("/import/words/forget", opt=IMPORTS)
async def forget_word(page: PageHere) -> Response[str]:
    """Forgets a word. Refuses `permission_refused`, `word_unknown`."""
    form = await page.form()
    word = str(form.get("word", ""))
    done = await execute(_context(page), ForgetWord(cast(Of, form.get("of")), word))

    async def about() -> str:
        return word

    says = await telling(page, ForgetWord, (), done.position, about)
    return redirect(f"/import?{urlencode(says)}#words")


def _context(page: PageContext) -> Any:
    return page.app.context(page.principal)
