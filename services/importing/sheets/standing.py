"""What a row of a roster says of managers and posts, which change from a day on."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from domain.kernel.errors import Refusal
from domain.kernel.values import name_key, word_key
from domain.trainees.events import UNKNOWN_POST, ManagerChanged, PostChanged
from domain.trainees.trainee import Trainee
from services.importing.closed import NO_MANAGER
from services.importing.comparing import UNDATED, stating, tell_new
from services.importing.sheets.kind import Reading
from services.importing.spellings import read_post, read_text
from services.importing.workbook import Cell
from services.kernel.work import Work
from services.people.meant import id_meant, person_meant
from services.trainees import trainee
from services.words.texts import Texts

SINCE = {"manager": "manager_since", "post": "post_since"}
"""What changes from a day on -> the field of that day."""


def as_post(cell: Cell, how: Reading) -> str:
    """The post's name in the domain, by the partner's own word for it or by ours."""
    own = how.posts.get(word_key(read_text(cell)))
    return own or read_post(cell)


def post_cell(post: str, texts: Texts) -> str:
    return texts(f"post.{post}")


def manager_cell(manager: str, texts: Texts) -> str:
    return manager or texts("word.no_manager")


def known_later(row: Any) -> dict[str, str | None]:
    """What the enrolment says instead of a manager and a post that a row says of a later day:
    nobody knows the first ones."""
    later = dict[str, str | None]()
    if row.manager and row.manager_since and row.manager_since > row.entered_on:
        later["manager"] = None
    if row.post and row.post_since and row.post_since > row.entered_on:
        later["post"] = UNKNOWN_POST
    return later


def named_first(row: Any) -> list[tuple[str, str]]:
    """The manager whom a row says, who may be somebody new."""
    return [("manager", name_key(row.manager))] if row.manager else []


def since_of(row: Any) -> dict[str, date]:
    """What a row says to hold since a day, with that day."""
    return {field: on for field, day in SINCE.items() if (on := getattr(row, day)) is not None}


def _day_of_change(
    person: Trainee,
    row: Any,
    field: str,
    recorded: str,
    last: ManagerChanged | PostChanged | None,
) -> date:
    """The first day of what a row says of a field. last: the change since which the recorded one
    holds; None for the enrolment. Refuses `change_undated`, and `changed_since` where the recorded
    one would still be in force, or both hold from one day."""
    on: date | None = getattr(row, SINCE[field]) or row.changed_on
    given = getattr(row, field) or NO_MANAGER
    if on is None:
        raise Refusal(UNDATED, recorded=recorded, given=given)
    # Else the command would take it for one of another stay.
    person.employment.require_employed(on)
    since = last.on if last else person.employment.enrolled.entered_on
    if on <= since:
        raise Refusal("changed_since", recorded=recorded, since=since, given=given, on=on)
    return on


async def put_under(work: Work, person: Trainee, row: Any, _: date) -> None:
    """Records the manager that a row says, from its day on. Refuses `change_undated`,
    `changed_since`, and what changeManager does."""
    if row.manager is None:
        return
    who = person.employment
    with stating("manager", on=_dated_in(row, "manager")):
        on = row.manager_since or row.changed_on or row.entered_on
        said = await trainee.manager_named(work, row.manager, on)
        known = who.manager_on(row.manager_since or date.max)
        if said == await id_meant(work, known, "manager"):
            return
        last, manager_id = who.managers.on(date.max), who.manager_on(date.max)
        if manager_id or last:
            recorded = await person_meant(work, manager_id, "manager") if manager_id else None
            name = recorded.name if recorded else NO_MANAGER
            on = _day_of_change(person, row, "manager", name, last)
            changing = trainee.ChangeManager(row.employee_no, on, row.manager)
            await trainee.change_manager(work, changing)
        else:
            person.change_manager(on=row.manager_since or row.entered_on, manager_id=said)
    tell_new(work, "manager")


async def put_on_post(work: Work, person: Trainee, row: Any, _: date) -> None:
    """The same of the post. That nobody knows it is a change from a day on, and else says
    nothing."""
    who = person.employment
    unsaid = UNKNOWN_POST if row.post_since is None else None
    if row.post in (None, unsaid, who.post_on(row.post_since or date.max)):
        return
    last, post = who.posts.on(date.max), who.post_on(date.max)
    with stating("post", on=_dated_in(row, "post")):
        on = _day_of_change(person, row, "post", post, last)
        await trainee.change_post(work, trainee.ChangePost(row.employee_no, on, row.post))
    tell_new(work, "post")


def _dated_in(row: Any, field: str) -> str:
    """The field that gives the day of a change; that of the change where a row gives none."""
    return field if getattr(row, SINCE[field]) is None else SINCE[field]


def in_turn(
    person: Trainee,
    field: str,
    changes: Iterable[ManagerChanged | PostChanged],
    on_day: Callable[[date], str | None],
) -> Iterator[dict[str, Any]]:
    """What held in turn, beginning with the entry, as rows say it; with their days where there are
    several. on_day: what held on one."""
    who, held = person.employment, list[tuple[date, str]]()
    for day in sorted({who.enrolled.entered_on, *(change.on for change in changes)}):
        value = on_day(day) or ""
        if not held or held[-1][1] != value:
            held.append((day, value))
    for day, value in held:
        is_dated = len(held) > 1 and (value or day > who.enrolled.entered_on)
        yield {field: value, SINCE[field]: day} if is_dated else {field: value or None}
