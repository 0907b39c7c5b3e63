"""Scalars and enums: exact decimals, and what may be one of a few.

An enum's value is the domain's own word: `"written"` is `WRITTEN` in the schema, going in and
coming out. What a value means is said in api/graphql/glossary.toml.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_type_hints

import msgspec
import strawberry
from graphql import FloatValueNode, IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from domain.kernel.bounds import choices_of
from domain.kernel.errors import Refusal
from domain.kernel.values import number_of
from domain.kpi.catalog import SUBJECTS
from domain.kpi.group import By
from domain.kpi.kpi import Kpi
from domain.kpi.rule import Rule
from domain.kpi.scheme import lines, scorecard, versions
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.planning import cadence, deadline
from domain.reporting import report
from projections import LISTINGS, PROJECTIONS
from projections.teaching.sessions import SessionStatus
from services.importing.vocabulary import Of
from services.jobs.jobs import IMPORT, RENDER, SEND_MAIL, UNDO, WHAT_IF, JobState
from services.kernel import fields
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.kernel.scopes import Scope
from services.reading.timelines import OF_PERSONS
from services.scheme.head_office import FOR_HEAD_OFFICE
from services.words.texts import read_texts

MOST_DIGITS = 30


def read(value: Any) -> Decimal:
    """The decimal of a text or number; a binary fraction is read as it is written.

    Refuses `not_a_number`, `decimal_too_long`.
    """
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    is_json = type(value) in (int, float, Decimal)
    number = Decimal(str(value)) if is_json else number_of(text)
    if number is None:
        raise Refusal("not_a_number", value=text.strip()[:100])
    if not number.is_finite() or len(number.as_tuple().digits) > MOST_DIGITS:
        raise Refusal("decimal_too_long", most=MOST_DIGITS)
    return number


def read_literal(node: ValueNode, _variables: Any = None) -> Decimal:
    if isinstance(node, IntValueNode | FloatValueNode):
        return read(Decimal(node.value))
    return read(node.value if isinstance(node, StringValueNode) else print_ast(node))


DECIMAL = strawberry.scalar(
    name="Decimal",
    description="An exact decimal number, answered as text; read from text as people write it "
    "(`1,280.5`), or from a number of JSON or GraphQL, which may be `1e2` where a text may not.",
    serialize="{:f}".format,
    parse_value=read,
    parse_literal=read_literal,
)
"""The scalar of Decimal in the schema's scalar map."""


_MADE: dict[tuple[Any, ...], Any] = {}

EVENTS = {one.TOPIC: one for of in (*PROJECTIONS, OF_PERSONS) for one in of.events}
"""What read models are made of, by its stored name: the events that people come to see."""

CHOSEN_FACTS = frozenset({"approved_by", "kind", "post", "topic", "what"})
"""Fields of events that say one of a few: shown as the schema's enums are spelled."""

Timeliness = Literal["on_time", "late"]
SeriesBy = Literal[By, "day"]


def spelled(value: str) -> str:
    """A value of the domain as the schema spells it."""
    return re.sub(r"\W", "_", value).upper()


def unmarked(text: str) -> str:
    """A description without the marks of requirements, such as `(S14, S22)` or `(停岗, S36)`."""
    return re.sub(r" \([ST]\d+(, [ST]\d+)*\)|(, [ST]\d+)+(?=\))", "", text)


def first_sentence(docstring: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = unmarked(" ".join((docstring or "").strip().partition("\n\n")[0].split()))
    return paragraph.partition(". ")[0].rstrip(".") + "." if paragraph else ""


def _enum(name: str, *values: str, about: Callable[[str], str] | None = None) -> Any:
    """An enum of the schema that answers these values as they are; about: describes one."""
    make: Any = Enum
    members = {
        spelled(value): strawberry.enum_value(value, description=about(value)) if about else value
        for value in values
    }
    _MADE[values] = made = strawberry.enum(make(name, members))
    return made


def enum_of(hint: Any) -> Any:
    """The enum of a Literal or of an enum. Raises KeyError where it has none here."""
    return _MADE[choices_of(hint)]


_enum("Verdict", *choices_of(fields.TrialVerdict))
POST = _enum("Post", *choices_of(fields.Post))
SESSION_KIND = _enum("SessionKind", *choices_of(fields.SessionKind))
WORD_OF = _enum("WordOf", *choices_of(Of))
for _module, _names in (
    (fields, "ExamKind SpotCheckTopic StaffPost ReportLanguage"),
    (lines, "Scoring"),
    (scorecard, "LineVerdict Missing"),
    (deadline, "ReportKind SentReport"),
    (cadence, "CadenceKind CadenceWay"),
):
    for _name in _names.split():
        _enum(_name, *choices_of(getattr(_module, _name)))
for _name, _choices in versions.CHOICES.items():
    _enum(capitalize_first(to_camel_case(_name)), *_choices)
for _listing in LISTINGS:
    if _status := _listing.filters.get("status"):
        _enum(f"{_listing.kind}Status", *choices_of(_status.kind))
_enum("SessionStatus", *choices_of(SessionStatus))
_enum("JobState", *JobState)
ORIGIN = _enum("SchemeOrigin", versions.PARTNER, versions.HEAD_OFFICE)
_KPI = get_type_hints(Kpi)
_enum("KpiUnit", *choices_of(_KPI["unit"]))
KPI_SUBJECT = _enum("KpiSubject", *(subject.slug for subject in SUBJECTS))
_enum("KpiDirection", *choices_of(_KPI["direction"]))
KPI_POPULATION = _enum(
    "KpiPopulation",
    *choices_of(_KPI["population"]),
    *(subject.slug for subject in SUBJECTS if subject != NEWCOMERS),
)
_enum("Timeliness", *choices_of(Timeliness))
_enum("Rule", *choices_of(Rule), about=lambda rule: f"{read_texts('en')(f'rule.{rule}')}.")
EVENT_TOPIC = _enum(
    "EventTopic", *sorted(EVENTS), about=lambda topic: first_sentence(EVENTS[topic].__doc__ or "")
)
JOB_KIND = _enum("JobKind", RENDER, IMPORT, UNDO, WHAT_IF, FOR_HEAD_OFFICE, SEND_MAIL)
SUBMISSION_KIND = _enum("SubmissionKind", report.NEWCOMER_FIGURES)
_enum("SeriesBy", *choices_of(SeriesBy))
_enum("Role", *Role)
_enum("Scope", *Scope)
_enum("Permission", *Permission)
