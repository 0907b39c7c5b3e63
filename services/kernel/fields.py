"""The types of a command's fields that several commands share: what each means, and its bounds.

Every door derives from them: the checks of `execute`, the inputs of GraphQL.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import FREE_TEXT, PERSONAL
from domain.kernel.bounds import (
    BLANK_CLEARS,
    OWN_REFUSAL,
    STAYS,
    Cleaned,
    Days,
    Many,
    Money,
    Number,
    Text,
)
from domain.kernel.contacts import IDENTITY, MAIL, PHONE
from domain.kernel.values import plain_name, seen, tidy, undirected
from domain.people import posts


class IdOf(msgspec.Struct, frozen=True):
    """Marks a field that is the id of a thing of this kind (`submission`)."""

    kind: str


class Happened(msgspec.Struct, frozen=True):
    """Marks the day of something that has happened: it is today or earlier, or `notice` ahead."""

    notice: timedelta = timedelta(0)


class Planned(msgspec.Struct, frozen=True):
    """Marks the day of something that is planned: it may lie ahead, as far as people plan."""


class Amending(msgspec.Struct, frozen=True):
    """A command that says anew, or answers, what is recorded."""


class Beside(msgspec.Struct, frozen=True):
    """What may be sent beside a command, as its context holds it."""

    idempotency_key: Annotated[
        str | None,
        Meta(
            description="A key of the caller's choice: the same command with the same key of the"
            " same sender is carried out once; who has another token is another sender."
        ),
    ] = None


class BesideAmending(Beside, frozen=True):
    """What may be sent beside a command that amends something."""

    as_seen: Annotated[
        int | None,
        Meta(
            description="The position of the log at which was read what this amends: refused where"
            " that was amended since. If not given, it is amended whatever it says."
        ),
    ] = None


def beside(command: type[msgspec.Struct]) -> type[Beside]:
    """What may be sent beside commands of a type."""
    return BesideAmending if issubclass(command, Amending) else Beside


def _once_each(topics: Sequence[str]) -> tuple[str, ...]:
    """The topics tidied, in the order given, without blank ones."""
    return tuple(dict.fromkeys(filter(None, map(TIDIED.by, topics))))


_WIDE: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""Holds whatever lies within the bounds of an amount, wherever it is computed."""


_CENT: Final = Decimal("0.01")


def _plain(number: Decimal) -> Decimal:
    """The number in plain decimal, with two places at most: `1e3` is 1000."""
    if number and number.same_quantum(_CENT):
        return number
    places = max(0, min(2, -int(number.as_tuple().exponent)))
    plain = number.quantize(Decimal((0, (1,), -places)), context=_WIDE)
    return plain if plain else plain.copy_abs()


TIDIED = Cleaned(lambda text: seen(tidy(undirected(text))))
NAMED = Cleaned(lambda text: seen(plain_name(text)))
STRIPPED = Cleaned(lambda text: seen(text.strip()))
PLAIN = Cleaned(_plain)

OF_THE_READER: Final = "of_the_reader"
"""Marks a language that is the reader's own where a request does not give it."""

MOSTLY_TODAY: Final = "mostly_today"
"""Marks a day that may lie ahead, and mostly is that of today."""

OF_A_FACT: Final = "of_a_fact"
"""Marks a field that says which fact a command amends."""

OF_NOBODY: Final = "of_nobody"
"""Marks free text that is about no person: it is sealed with nobody's key, and its form says so."""

_T = TypeVar("_T")
Stays = Annotated[_T | None, STAYS, Meta(description="If not given, it stays.")]
StaysOrNone = Annotated[
    _T | None,
    STAYS,
    BLANK_CLEARS,
    Meta(description="If not given, it stays; blank: there is none."),
]
"""What a correction may say otherwise."""

CODE: Final = Text(64, is_bare=True, is_code=True)
"""The bounds of a number or code by which people find a thing."""

EmployeeNo = Annotated[str, CODE, Meta(description="The employee number (工号).")]
CohortCode = Annotated[str, CODE, Meta(description="The code of the cohort (批次).")]
SessionCode = Annotated[str, CODE, Meta(description="The code of the class (班次).")]
DepartmentCode = Annotated[str, CODE, Meta(description="The code of the department (部门).")]
OrderNo = Annotated[str, CODE, Meta(description="The order number (订单号).")]
ComplaintNo = Annotated[str, CODE, Meta(description="The number of the complaint.")]
KpiSlug = Annotated[str, Text(64), Meta(description="The slug of a KPI of the catalog.")]
IdNumber = Annotated[
    str,
    CODE,
    IDENTITY,
    PERSONAL,
    Meta(description="The number of the identity card, else of a passport or the like."),
]
Phone = Annotated[
    str,
    Text(64, is_bare=True),
    PHONE,
    PERSONAL,
    Meta(description="The telephone number; several with `/`."),
]
Mail = Annotated[
    str, Text(254, is_bare=True), MAIL, PERSONAL, Meta(description="The mail address.")
]

NAMES: Final = Text(100)
"""The bounds of what somebody or something is called."""

Name = Annotated[str, NAMES, TIDIED]
PersonName = Annotated[Name, PERSONAL, Meta(description="The person's name.")]
Manager = Annotated[
    str,
    Text(100),
    NAMED,
    Meta(description="The number, the name or the key of the manager (主管)."),
]
TrainingManager = Annotated[
    str,
    Text(100),
    NAMED,
    Meta(description="The number, the name or the key of the training manager (班主任)."),
]
Title = Annotated[Name, Meta(description="The name that people read.")]
Product = Annotated[str, Text(100), Meta(description="The product that was sold.")]

Prose = Annotated[str, Text(2_000, multiline=True), STRIPPED, FREE_TEXT]
Reason = Annotated[Prose, Meta(description="Why; must be given.")]
Feedback = Annotated[Prose, Meta(description="The written feedback to the person.")]
NoteText = Annotated[Prose, Meta(description="What was found.")]
ReasonOfNobody = Annotated[Reason, OF_NOBODY]
SummaryText = Annotated[
    str,
    Text(20_000, multiline=True),
    STRIPPED,
    FREE_TEXT,
    OF_NOBODY,
    Meta(description="The text of the written summary."),
]

Day = Annotated[
    date, Days(), Happened(), Meta(description="The partner's local day on which it happened.")
]
_NOTICE: Final = timedelta(days=92)
"""How far ahead may lie what begins or ends an employment: farther off it was mistyped. Nothing
else that is recorded of people can be told before it has happened."""

EntryDay = Annotated[
    date, Days(), Happened(_NOTICE), Meta(description="The day of entering the training.")
]
LastDay = Annotated[
    date, Days(), Happened(_NOTICE), Meta(description="The last day of the employment.")
]
PlannedDay = Annotated[
    date, Days(), Planned(), Meta(description="The day that is planned; it may lie in the future.")
]
RecordedDay = Annotated[
    date,
    Days(),
    OF_A_FACT,
    Meta(description="The day as it is recorded now: of several facts the one recorded last."),
]
FactId = Annotated[
    int,
    Number(most=1_000_000),
    OF_A_FACT,
    Meta(description="The id of the fact in its timeline; without one the day that is recorded."),
]
KnownFact = Annotated[
    int, Number(most=1_000_000), OF_A_FACT, Meta(description="The id of the fact in its timeline.")
]
MonthText = Annotated[str, OWN_REFUSAL, Meta(description="The month, YYYY-MM.")]

Amount = Annotated[
    Money,
    Number(most=10**12, places=2),
    PLAIN,
    Meta(description="The amount in yuan, with at most two decimal places."),
]
ExamPoints = Annotated[
    Decimal,
    Number(most=100, places=2, code="score_out_of_range"),
    PLAIN,
    Meta(description="The points, 0 to 100, with at most two decimal places."),
]
Passed = Annotated[bool, Meta(description="Whether it was passed.")]
Headcount = Annotated[int, Number(most=100_000), Meta(description="How many people were there.")]
_Topic = Annotated[str, Text(100), TIDIED]
_OF_TOPICS: Final = Meta(description="The topics, each once; spacing does not matter.")
Topics = Annotated[Sequence[_Topic], Many(100, is_given=True), Cleaned(_once_each), _OF_TOPICS]
TopicsTaught = Annotated[
    Sequence[_Topic],
    Many(100),
    Cleaned(_once_each),
    Meta(
        description="The topics that were taught, each once; spacing does not matter. A planned"
        " topic that is not among them counts as dropped, all of them where none is given."
    ),
]
"""Of these there may be none."""

ReportId = Annotated[
    str, Text(64), IdOf("report"), Meta(description="The report's id, as its job says.")
]
TraineeId = Annotated[str, Text(64), IdOf("trainee"), Meta(description="The trainee.")]
PersonId = Annotated[str, Text(64), IdOf("person"), Meta(description="The person.")]
SubmissionId = Annotated[str, Text(64), IdOf("submission"), Meta(description="The submission.")]

TrialVerdict = Annotated[
    Literal["passed", "failed"], Meta(description="The verdict on the trial post.")
]
ExamKind = Annotated[Literal["written", "drill"], Meta(description="Which exam.")]
SpotCheckTopic = Annotated[Literal["basics", "rules"], Meta(description="What was asked.")]
Post = Annotated[
    Literal["sales", "channel_assistant", "customer_service", "unknown"],
    OWN_REFUSAL,
    Meta(description="The post that is trained for; only sales are newcomers."),
]
StaffPost = Annotated[
    posts.PostOfStaff,
    OWN_REFUSAL,
    Meta(description="The post (岗位): what somebody is, not what they may do."),
]
SessionKind = Annotated[
    Literal["induction"], OWN_REFUSAL, Meta(description="What the class is for.")
]
ReportLanguage = Annotated[
    Literal["zh-CN", "en"],
    OWN_REFUSAL,
    OF_THE_READER,
    Meta(description="In which the report is written; that of the request if not given."),
]
