"""Enums of the schema, made from what may be one of a few: the value is the domain's own word.

`"written"` is `WRITTEN` in the schema, going in and coming out. What a value means is said in
api/graphql/glossary.toml.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, get_type_hints

import strawberry
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from domain.kernel.bounds import choices_of
from domain.kpi.catalog import SUBJECTS
from domain.kpi.group import BYS
from domain.kpi.kpi import Kpi
from domain.kpi.rule import Rule
from domain.kpi.scheme import lines, scorecard, versions
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.planning import cadence, deadline
from domain.reporting import report
from projections import PROJECTIONS
from projections.teaching.cohorts import CohortStatus
from projections.teaching.sessions import SessionStatus
from projections.trainees.cohort_roster import TraineeStatus
from projections.trainees.follow_ups import FollowUpStatus
from services.jobs.jobs import IMPORT, JobState
from services.kernel import fields
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.reporting.report import RENDER
from services.scheme.head_office import FOR_HEAD_OFFICE
from services.scheme.whatif import WHAT_IF
from services.texts import read_texts

_MADE: dict[tuple[Any, ...], Any] = {}

EVENTS = {kind.TOPIC: kind for projection in PROJECTIONS for kind in projection.events}
"""What read models are made of, by its stored name: the events that people come to see."""

CHOSEN_FACTS = frozenset({"approved_by", "kind", "post", "topic"})
"""Fields of events that say one of a few: shown as the schema's enums are spelled."""


def spelled(value: str) -> str:
    """A value of the domain as the schema spells it."""
    return re.sub(r"\W", "_", value).upper()


def unmarked(text: str) -> str:
    """A description without the marks of requirements, such as `(S14, S22)` or `(停岗, S36)`."""
    return re.sub(r" \(S\d+(, S\d+)*\)|(, S\d+)+(?=\))", "", text)


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
    """The enum of a Literal. Raises KeyError where it has none here."""
    return _MADE[choices_of(hint)]


_enum("Verdict", *choices_of(fields.TrialVerdict))
_enum("ExamKind", *choices_of(fields.ExamKind))
_enum("SpotCheckTopic", *choices_of(fields.SpotCheckTopic))
POST = _enum("Post", *choices_of(fields.Post))
SESSION_KIND = _enum("SessionKind", *choices_of(fields.SessionKind))
_enum("ReportLanguage", *choices_of(fields.ReportLanguage))
_enum("Scoring", *choices_of(lines.Scoring))
for _name, _choices in versions.CHOICES.items():
    _enum(capitalize_first(to_camel_case(_name)), *_choices)
_enum("CohortStatus", *choices_of(CohortStatus))
_enum("TraineeStatus", *choices_of(TraineeStatus))
_enum("SessionStatus", *choices_of(SessionStatus))
_enum("FollowUpStatus", *choices_of(FollowUpStatus))
_enum("LineVerdict", *choices_of(scorecard.LineVerdict))
JOB_STATE = _enum("JobState", *JobState)
ORIGIN = _enum("SchemeOrigin", versions.PARTNER, versions.HEAD_OFFICE)
MISSING = _enum("Missing", *choices_of(scorecard.Missing))
_KPI = get_type_hints(Kpi)
_enum("KpiUnit", *choices_of(_KPI["unit"]))
KPI_SUBJECT = _enum("KpiSubject", *(subject.slug for subject in SUBJECTS))
_enum("KpiDirection", *choices_of(_KPI["direction"]))
KPI_POPULATION = _enum(
    "KpiPopulation",
    *choices_of(_KPI["population"]),
    *(subject.slug for subject in SUBJECTS if subject != NEWCOMERS),
)
REPORT_KIND = _enum("ReportKind", *choices_of(deadline.ReportKind))
SENT_REPORT = _enum("SentReport", *choices_of(deadline.SentReport))
TIMELINESS = _enum("Timeliness", "on_time", "late")
CADENCE_KIND = _enum("CadenceKind", *cadence.CADENCES)
CADENCE_WAY = _enum("CadenceWay", *choices_of(cadence.CadenceWay))
_enum("Rule", *choices_of(Rule), about=lambda rule: f"{read_texts('en')(f'rule.{rule}')}.")
EVENT_TOPIC = _enum(
    "EventTopic", *sorted(EVENTS), about=lambda topic: first_sentence(EVENTS[topic].__doc__ or "")
)
JOB_KIND = _enum("JobKind", RENDER, IMPORT, WHAT_IF, FOR_HEAD_OFFICE)
SUBMISSION_KIND = _enum("SubmissionKind", report.NEWCOMER_FIGURES)
SERIES_BY = _enum("SeriesBy", *BYS, "day")
ROLE = _enum("Role", *Role)
PERMISSION = _enum("Permission", *Permission)
