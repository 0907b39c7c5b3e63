"""The list of commands: every command says what it does and bounds what it is given."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from domain.kernel.aggregate import FREE_TEXT
from domain.kernel.bounds import (
    BOUNDS,
    OWN_REFUSAL,
    choices_of,
    is_struct,
    item_of,
    unwrapped,
)
from domain.reporting.report import LANGUAGES
from domain.teaching.session import KINDS
from domain.trainees.events import DRILL, POSTS, WRITTEN
from services.kernel import fields
from services.kernel.permissions import Permission
from services.registry import COMMANDS

WORKERS = {Permission.RECORD_REPORTS, Permission.RECORD_RESTATEMENTS}
"""Who gives a command with one of these knows what it says."""

NOT_YET_HAPPENED = {
    "OpenCohort.opened_on",
    "PlanSession.planned_on",
    "ApprovePlanChange.planned_on",
    "AgreeAction.due_on",
    "CorrectAction.due_on",
    "CorrectAction.was_on",
    "ImportRosterRow.changed_on",
    "ImportRosterRow.trial_on",
    "ImportRosterRow.written_exam_on",
    "ImportRosterRow.drill_on",
    "CorrectTrialVerdict.was_on",
    "CorrectExamResult.was_on",
    "CorrectGoLive.was_on",
    "CorrectEnrolment.was_on",
    "CorrectLeaving.was_on",
    "CorrectCohortOpening.opened_on",
    "CorrectHandover.was_on",
    "WithdrawHandover.was_on",
    "RecordAbsence.until",
    "AssignRole.until",
    "RequireCodes.on",
}
"""Days that may lie ahead, that only name a fact which is recorded, or that another command refuses
where something is to be recorded of them."""

SCALARS = (str, int, Decimal, date)


ABOUT_PEOPLE = ("services.people.person", "services.trainees.", "services.importing.")
"""The modules of commands by which something is recorded of people."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_text_about_people_is_theirs_and_any_other_says_that_it_is_of_nobody(
    command: type[msgspec.Struct],
) -> None:
    hints = get_type_hints(command, include_extras=True)
    texts = [marks for hint in hints.values() if FREE_TEXT in (marks := unwrapped(hint)[1])]
    is_theirs = command.__module__.startswith(ABOUT_PEOPLE)
    assert {fields.OF_NOBODY not in marks for marks in texts} <= {is_theirs}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_says_what_it_does(command: type[msgspec.Struct]) -> None:
    text = (command.__doc__ or "").strip()
    assert text
    assert text.endswith(".")
    assert not text.startswith("`")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_field_that_people_fill_has_bounds(command: type[msgspec.Struct]) -> None:
    if COMMANDS[command].permission not in WORKERS:
        assert list(unbounded(command)) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_field_of_a_mutation_is_described(command: type[msgspec.Struct]) -> None:
    hints = get_type_hints(command, include_extras=True)
    if COMMANDS[command].answers is not None:
        silent = [
            name
            for name, hint in hints.items()
            if not any(isinstance(mark, msgspec.Meta) for mark in unwrapped(hint)[1])
        ]
        assert silent == []


def test_what_was_seen_may_go_with_every_command_that_amends_and_with_no_other() -> None:
    # A complaint that is withdrawn is a fact of its own day.
    named = re.compile("Correct|Withdraw(?!Complaint)|Acknowledge")
    amending = {kind for kind in COMMANDS if issubclass(kind, fields.Amending)}
    assert amending == {kind for kind in COMMANDS if named.match(kind.__name__)}


def test_every_command_s_marks_are_heeded() -> None:
    """Every handler is one: what a field is marked as is done before it decides."""
    assert [kind for kind, row in COMMANDS.items() if not hasattr(row.handler, "__wrapped__")] == []


def test_every_day_has_happened_unless_it_is_named_here() -> None:
    days = {
        f"{command.__name__}.{name}": unwrapped(hint)[1]
        for command in COMMANDS
        for name, hint in get_type_hints(command, include_extras=True).items()
        if unwrapped(hint)[0] is date
    }
    ahead = {name for name, marks in days.items() if not _has_happened(marks)}
    assert ahead == NOT_YET_HAPPENED


@pytest.mark.parametrize(
    ("field", "known"),
    [
        (fields.Post, POSTS),
        (fields.SessionKind, KINDS),
        (fields.ReportLanguage, LANGUAGES),
        (fields.ExamKind, (WRITTEN, DRILL)),
    ],
    ids=["post", "kind_of_class", "language", "kind_of_exam"],
)
def test_a_field_that_is_one_of_a_few_knows_the_domain_s_values(
    field: Any, known: tuple[str, ...]
) -> None:
    assert choices_of(field) == tuple(known)


def _has_happened(marks: tuple[Any, ...]) -> bool:
    return any(isinstance(mark, fields.Happened) for mark in marks)


def unbounded(struct: type[msgspec.Struct], under: str = "") -> Iterator[str]:
    for name, hint in get_type_hints(struct, include_extras=True).items():
        yield from _unbounded(hint, f"{under}{name}")


def _unbounded(hint: Any, name: str) -> Iterator[str]:
    kind, marks = unwrapped(hint)
    item = item_of(kind)
    if is_struct(kind):
        if kind.__name__ != "Ratio":  # A target, which the scheme's lines refuse as a whole.
            yield from unbounded(kind, f"{name}.")
        return
    if item is not None:
        yield from _unbounded(item, f"{name}[]")
    scalar = kind in SCALARS and kind is not bool
    bounded = OWN_REFUSAL in marks or any(isinstance(mark, BOUNDS) for mark in marks)
    if (scalar or item is not None) and not bounded:
        yield name
    assert get_origin(kind) is not Literal or get_args(kind)
