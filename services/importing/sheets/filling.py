"""What a sheet knows of an enrolment and of who that is, and the record does not yet."""

from collections.abc import Callable
from typing import Any

import msgspec

from domain.kernel.contacts import phone_key
from domain.kernel.values import word_key
from domain.trainees.employment import CORRECTED
from domain.trainees.events import UNKNOWN_POST
from domain.trainees.trainee import Trainee
from services.importing.comparing import contradiction, stating, tell_new
from services.kernel.work import Work
from services.trainees.whose import contacts_since, correct, whose
from services.words.texts import FIRST_LANGUAGE, read_texts


class OfEnrolment(msgspec.Struct, frozen=True):
    """What the enrolment says, and a sheet may fill in later. key: by which two spellings of it are
    the same. blank: what is recorded, or stated, where it is not known. changes: whether another
    than the recorded one is a change, and no contradiction."""

    key: Callable[[str], str]
    blank: str = ""
    changes: bool = False


OF_ENROLMENT = {
    "post": OfEnrolment(word_key, UNKNOWN_POST, changes=True),
    "phone": OfEnrolment(phone_key),
    "mail": OfEnrolment(word_key),
}

OF_PERSON = tuple(field for field, of in OF_ENROLMENT.items() if not of.changes)
"""What of it the person's own stream says."""


async def fill_in(work: Work, stay: Trainee, row: Any) -> None:
    """Corrects an enrolment by what a row of a roster knows of it and the record does not, as if it
    had always been so: nobody knows a day on which it changed."""
    was, person, new = stay.employment.enrolled, await whose(work, stay), dict[str, str]()
    is_later = row.post_since not in (None, was.entered_on)
    for field, of in OF_ENROLMENT.items():
        recorded = [was.post] if of.changes else contacts_since(person, was.entered_on, field)
        known, given = recorded[0] or of.blank, getattr(row, field) or of.blank
        if given == of.blank or of.key(given) in (of.key(one or of.blank) for one in recorded):
            continue
        if of.changes and (known != of.blank or stay.employment.posts.last or is_later):
            continue
        if known != of.blank:
            raise contradiction(field, known, given)
        new[field] = given
    if not new:
        return
    reason = read_texts(FIRST_LANGUAGE)("import.filled_in")
    with stating(next(iter(new))):
        contacts = {field: new[field] for field in OF_PERSON if field in new}
        await correct(work, person, stay, was.entered_on, reason=reason, **contacts)
        if new.keys() - {*OF_PERSON}:
            again = {name: new.get(name, getattr(was, name)) for name in CORRECTED}
            stay.correct_enrolment(**again, reason=reason)
    for field in new:
        tell_new(work, field)
