"""Carries histories out through real commands, and tells the oracle what was accepted.

What the oracle is told comes from the commands and their outcome: the position and the stream of
whom they changed. Nothing is taken from the product's own reading of its log.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.execute import Done, execute
from services.kernel.context import Principal
from services.scheme.scheme import PublishScheme
from services.teaching.cohort import HandOverCohort, OpenCohort
from services.teaching.session import (
    ApprovePlanChange,
    CancelSession,
    CloseSession,
    CorrectClosing,
    CorrectOpening,
    CorrectSummary,
    OpenSession,
    PlanSession,
    WriteSummary,
)
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
)
from services.trainees.follow_up import (
    AgreeAction,
    CorrectAction,
    DropFollowUp,
    NoteFollowUp,
    OpenFollowUp,
    RecordActionDone,
    WithdrawFollowUpEnd,
)
from services.trainees.selling import (
    FileComplaint,
    ReassignOrder,
    RecordOrder,
    VoidOrder,
    WithdrawComplaint,
)
from services.trainees.trainee import (
    ChangeManager,
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordExamResult,
    RecordLeaving,
    RecordMakeupMissed,
    RecordSpotCheck,
    RecordTrialVerdict,
    RejoinTrainee,
    TransferTrainee,
)
from services.trainees.withdrawal import WithdrawFact
from tests.carrying import commands_of, hand_of
from tests.oracle.classes import Fact
from tests.oracle.standing import DEFAULTS
from tests.steps import Step


class Carried(msgspec.Struct):
    """A history that was carried out. facts: the oracle's, in the order of recording.

    people: the streams of those who were enrolled. refused: how many commands were.
    """

    code: str
    history: list[Step]
    facts: list[Fact] = []
    people: set[str] = msgspec.field(default_factory=set)
    refused: int = 0


async def carry_out(
    app: App,
    principal: Principal,
    given: Sequence[list[Step]],
    published: Sequence[PublishScheme],
    now: datetime | None = None,
) -> tuple[list[Carried], list[Fact]]:
    """All at once, in one tenant; also what the published schemes tell the oracle.

    now: an instant that the days lie around; None: all of them are long past.
    """
    carried = [Carried(f"H{number:02d}", history) for number, history in enumerate(given)]
    schemes = Carried("schemes", [])
    hands = [_carry_out(app, principal, one, apart(one.code, one.history), now) for one in carried]
    await asyncio.gather(*hands, _carry_out(app, principal, schemes, published, now))
    async with app.db.tenant(principal.tenant) as connection:
        rows = await connection.plain.fetch("select position, recorded_at from events")
    recorded = {row["position"]: row["recorded_at"] for row in rows}
    for one in (*carried, schemes):
        for fact in one.facts:
            fact["recorded_at"] = recorded[fact["position"]]
    return carried, schemes.facts


NAMES = ("employee_no", "order_no", "complaint_no", "cohort", "session", "code", "follow_up")


def apart(code: str, history: Sequence[Step]) -> list[msgspec.Struct]:
    """The commands, with the history's own code before every number and code that they name."""
    return [
        replace(
            command,
            **{
                name: f"{code}-{getattr(command, name)}"
                for name in command.__struct_fields__
                if name in NAMES
            },
        )
        for command in commands_of(history)
    ]


async def _carry_out(
    app: App,
    principal: Principal,
    carried: Carried,
    given: Sequence[msgspec.Struct],
    now: datetime | None,
) -> None:
    numbers: dict[str, str] = {}
    for planned in given:
        command, of = await named(app, principal, planned, carried.facts, numbers)
        context = app.context(hand_of(principal, command))
        try:
            done = await execute(replace(context, now=now or context.now), command)
        except Refusal:
            carried.refused += 1
            continue
        if isinstance(command, UNCOUNTED):
            continue
        if isinstance(command, WithdrawFact):
            of = await withdrawn(app, principal, command, done, carried.facts, numbers)
            carried.facts.append({"position": done.position, "kind": "withdrawn", **of})
            continue
        fact = told(command, done.stream_id, numbers)
        carried.facts.append({"position": done.position, **fact, **of})
    carried.people.update(fact["who"] for fact in carried.facts if fact["kind"] in JOINING)


async def named(
    app: App,
    principal: Principal,
    command: Any,
    facts: Sequence[Fact],
    numbers: Mapping[str, str],
) -> tuple[Any, Fact]:
    """Half of the corrections name a fact by its id, whatever its day is now, and whosever it is.

    Answers the command, and what the oracle is told of which fact that is: its position.
    """
    kinds = CORRECTED.get(type(command), ())
    number_of = {stream: number for number, stream in numbers.items()}
    meant = [
        fact
        for fact in facts
        if fact["kind"] in kinds
        and fact["who"] in number_of
        and fact.get("paper") == getattr(command, "kind", None)
    ]
    if not meant or command.on.toordinal() % 2:
        return command, {}
    fact = meant[command.was_on.toordinal() % len(meant)]
    async with app.db.tenant(principal.tenant) as connection:
        version = await connection.fetchval(
            "select version from events where tenant_id = $1 and position = $2", fact["position"]
        )
    whose = number_of[fact["who"]]
    return replace(command, employee_no=whose, fact=version, was_on=None), {"of": fact["position"]}


async def withdrawn(
    app: App,
    principal: Principal,
    command: WithdrawFact,
    done: Done,
    facts: Sequence[Fact],
    numbers: dict[str, str],
) -> Fact:
    """The withdrawn fact by its position: of the command that recorded it, perhaps in two streams.

    An enrolment gives its number back to the one before, or to nobody.
    """
    async with app.db.tenant(principal.tenant) as connection:
        position = await connection.fetchval(
            "select position from events where tenant_id = $1 and stream_id = $2 and version = $3",
            done.stream_id,
            command.fact,
        )
    meant = min(
        (fact for fact in facts if fact["position"] >= position), key=lambda one: one["position"]
    )
    if meant["kind"] in JOINING:
        number = command.employee_no or ""
        if "was" in meant:
            numbers[number] = meant["was"]
        else:
            del numbers[number]
    return {"of": meant["position"]}


CORRECTED: dict[type, tuple[str, ...]] = {
    CorrectTrialVerdict: ("trial",),
    CorrectExamResult: ("exam", "makeup missed"),
    CorrectGoLive: ("live",),
}
"""The kinds of facts that a correction may name by their ids."""


UNCOUNTED = (
    OpenFollowUp,
    NoteFollowUp,
    AgreeAction,
    CorrectAction,
    RecordActionDone,
    DropFollowUp,
    WithdrawFollowUpEnd,
)
"""What no figure counts."""

JOINING = ("enrolled", "rejoined")


def told(command: Any, stream_id: str, numbers: dict[str, str]) -> Fact:
    """An accepted command in plain words.

    stream_id: of whom it changed. numbers: employee number -> who has it, kept up to date.
    """
    if isinstance(command, PublishScheme):
        rules = {name: getattr(command.parameters, name) for name in DEFAULTS}
        return {"kind": "scheme published", "month": command.effective_from, "rules": rules}
    fact = PLAIN[type(command)](command)
    number = getattr(command, "employee_no", None)
    if isinstance(command, RejoinTrainee):
        fact["was"] = numbers[command.employee_no]
    if isinstance(command, EnrolTrainee | RejoinTrainee):
        numbers[command.employee_no] = stream_id
    if isinstance(command, tuple(CORRECTED)):
        fact["who"] = stream_id  # It may be of an earlier enrolment.
    elif number is not None:
        fact["to" if isinstance(command, ReassignOrder) else "who"] = numbers[number]
    return fact


def _correct_enrolment(command: CorrectEnrolment) -> Fact:
    """Only what it says; a blank manager means none."""
    fact: Fact = {"kind": "enrolment corrected"}
    if command.entered_on is not None:
        fact["on"] = command.entered_on
    if command.manager is not None:
        fact["manager"] = command.manager or None
    if command.post is not None:
        fact["post"] = command.post
    return fact


def _of_class(kind: str) -> Callable[[Any], Fact]:
    return lambda c: {"kind": kind, "session": c.session, "on": c.on}


def _class_ended(command: CloseSession | CorrectClosing) -> Fact:
    return _of_class("class ended")(command) | {"topics": command.topics_taught}


PLAIN: dict[type, Callable[[Any], Fact]] = {
    OpenCohort: lambda c: {
        "kind": "batch opened",
        "batch": c.code,
        "training_manager": c.training_manager,
        "on": c.opened_on,
    },
    HandOverCohort: lambda c: {
        "kind": "handed over",
        "batch": c.cohort,
        "training_manager": c.training_manager,
        "on": c.on,
    },
    PlanSession: lambda c: {
        "kind": "class planned",
        "session": c.code,
        "batch": c.cohort,
        "planned_on": c.planned_on,
        "topics": c.topics,
    },
    ApprovePlanChange: lambda c: {
        "kind": "class replanned",
        "session": c.session,
        "planned_on": c.planned_on,
        "topics": c.topics,
        "on": c.on,
    },
    OpenSession: _of_class("class opened"),
    CorrectOpening: _of_class("class opened corrected"),
    CloseSession: _class_ended,
    CorrectClosing: _class_ended,
    WriteSummary: _of_class("class summed up"),
    CorrectSummary: _of_class("class summed up corrected"),
    CancelSession: _of_class("class cancelled"),
    EnrolTrainee: lambda c: {
        "kind": "enrolled",
        "cohort": c.cohort,
        "manager": c.manager,
        "post": c.post,
        "on": c.entered_on,
    },
    RejoinTrainee: lambda c: {
        "kind": "rejoined",
        "cohort": c.cohort,
        "manager": c.manager,
        "post": c.post,
        "on": c.entered_on,
    },
    CorrectEnrolment: _correct_enrolment,
    TransferTrainee: lambda c: {"kind": "transferred", "cohort": c.cohort, "on": c.on},
    ChangeManager: lambda c: {"kind": "manager changed", "manager": c.manager, "on": c.on},
    RecordTrialVerdict: lambda c: {
        "kind": "trial",
        "passed": c.verdict == "passed",
        "feedback": bool(c.feedback),
        "on": c.on,
    },
    CorrectTrialVerdict: lambda c: {
        "kind": "trial corrected",
        "was_on": c.was_on,
        "passed": c.verdict == "passed",
        "feedback": bool(c.feedback),
        "on": c.on,
    },
    RecordExamResult: lambda c: {
        "kind": "exam",
        "paper": c.kind,
        "passed": c.passed,
        "score": c.score,
        "on": c.on,
    },
    CorrectExamResult: lambda c: {
        "kind": "exam corrected",
        "paper": c.kind,
        "was_on": c.was_on,
        "passed": c.passed,
        "score": c.score,
        "on": c.on,
    },
    RecordMakeupMissed: lambda c: {
        "kind": "makeup missed",
        "paper": c.kind,
        "on": c.on,
    },
    GoLive: lambda c: {"kind": "live", "on": c.on},
    CorrectGoLive: lambda c: {"kind": "live corrected", "was_on": c.was_on, "on": c.on},
    HoldOffPost: lambda c: {"kind": "held", "on": c.on},
    RecordSpotCheck: lambda c: {"kind": "spot check", "feedback": bool(c.feedback), "on": c.on},
    RecordLeaving: lambda c: {"kind": "left", "on": c.on},
    EliminateTrainee: lambda c: {"kind": "eliminated", "on": c.on},
    CorrectLeaving: lambda c: {"kind": "leaving corrected", "on": c.on},
    RecordOrder: lambda c: {"kind": "order", "no": c.order_no, "on": c.closed_on},
    CorrectOrder: lambda c: {"kind": "order corrected", "no": c.order_no, "on": c.closed_on},
    ReassignOrder: lambda c: {"kind": "reassigned", "no": c.order_no, "on": c.on},
    VoidOrder: lambda c: {"kind": "voided", "no": c.order_no, "on": c.on},
    FileComplaint: lambda c: {"kind": "complaint", "no": c.complaint_no, "on": c.on},
    WithdrawComplaint: lambda c: {
        "kind": "complaint withdrawn",
        "no": c.complaint_no,
        "on": c.on,
    },
}
