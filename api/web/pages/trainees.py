"""The pages of trainees: the home of everything that is recorded about a newcomer (S4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from api.web.kit.page import PageContext
from api.web.kit.resource import (
    Amendment,
    CommandKind,
    FoundOtherwise,
    Related,
    Remarked,
    Resource,
    Section,
    Steps,
)
from api.web.kit.slices import slice_of, start_of
from domain.kernel.aggregate import Happening, Withdrawal
from domain.kernel.facts import in_force
from domain.kernel.values import typed_key
from domain.kpi.rule import Rule
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomer_state import NewcomerState, state_of
from domain.kpi.subjects.newcomers import has_entered
from domain.kpi.subjects.window import Windows
from domain.trainees.events import DRILL, WRITTEN
from domain.trainees.trainee import Trainee
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.teaching.cohorts import COHORT_LIST, CohortRow
from projections.trainees.cohort_roster import TRAINEE_LIST, TraineeRow, TraineeStatus
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from projections.trainees.orders import ORDER_LIST
from services.kernel.permissions import Permission
from services.reading.moment import Moment, question_at
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
)
from services.trainees.follow_up import OpenFollowUp
from services.trainees.selling import (
    FileComplaint,
    ReassignOrder,
    RecordOrder,
    VoidOrder,
    WithdrawComplaint,
)
from services.trainees.trainee import (
    ChangeManager,
    ChangePost,
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
from services.trainees.withdrawal import WithdrawFact, withdrawals

_LEAVE: frozenset[CommandKind] = frozenset({RecordLeaving, EliminateTrainee})
_GONE: frozenset[CommandKind] = frozenset({HoldOffPost, TransferTrainee, *_LEAVE})
_COMMANDS: tuple[CommandKind, ...] = (
    RecordTrialVerdict,
    RecordExamResult,
    RecordMakeupMissed,
    GoLive,
    RecordOrder,
    RecordSpotCheck,
    FileComplaint,
    ChangeManager,
    ChangePost,
    TransferTrainee,
    HoldOffPost,
    RecordLeaving,
    EliminateTrainee,
    RejoinTrainee,
)
STEPS: dict[TraineeStatus, Steps] = {
    "to_come": Steps(refused=frozenset(_COMMANDS), instead="trainee.to_come"),
    "in_training": Steps(refused=frozenset({HoldOffPost, RejoinTrainee})),
    "live": Steps((RecordOrder, RecordSpotCheck), refused=frozenset({GoLive, RejoinTrainee})),
    "held": Steps((GoLive,), refused=frozenset({HoldOffPost, RejoinTrainee})),
    "left": Steps((RejoinTrainee,), refused=_GONE),
    "eliminated": Steps(refused=_GONE),
}
"""What comes next, by where the trainee stands, and what cannot be."""

EXAMS = {WRITTEN: "word.written_exam", DRILL: "word.drill"}
"""The exams that the gate asks for, with their words."""

TRIAL = "word.trial"
"""What it asks for besides where the batch requires it."""

ORDERS_SHOWN = 10
"""At a time on the page of who closed them, the latest first."""

_ORDERS = (Trainee.OrderClosed, Trainee.OrderTakenOver, Trainee.OrderCorrected)
_SAY_ORDERS: frozenset[CommandKind] = frozenset(
    {RecordOrder, CorrectOrder, ReassignOrder, WithdrawFact}
)
_SAY_LEAVING: frozenset[CommandKind] = _LEAVE | {CorrectLeaving}
_SAY_EVIDENCE: frozenset[CommandKind] = frozenset(
    {
        RecordTrialVerdict,
        RecordExamResult,
        RecordMakeupMissed,
        CorrectTrialVerdict,
        CorrectExamResult,
        CorrectGoLive,
        WithdrawFact,
    }
)
_ENTER: frozenset[CommandKind] = frozenset({EnrolTrainee, RejoinTrainee, CorrectEnrolment})
_REMARKED: frozenset[Rule] = frozenset({"before_go_live", "after_window", "left_before_cutoff"})
_LEAVINGS = (Trainee.Left, Trainee.Eliminated, Trainee.LeavingCorrected)
_FACTS = tuple(kind for kind in Trainee.events() if not issubclass(kind, Withdrawal))


async def _steps(page: PageContext, row: TraineeRow) -> Steps:
    """Before the go-live, which fixes the batch, comes what its gate still lacks; in training the
    trial that it does not ask for comes last."""
    steps = STEPS[row.status]
    by_then = OpenFollowUp if row.live_on is None else TransferTrainee
    refused = {*steps.refused, by_then}
    lists = page.lists()
    found = (await lists.newcomers([row.trainee_id])).get(row.trainee_id)
    if found and found.left_on:
        refused |= _LEAVE  # The last day may be still to come.
    is_gone = row.status in ("left", "eliminated")
    if is_gone and row.live_on is not None:
        refused.add(GoLive)
    if GoLive in refused:
        return replace(steps, refused=frozenset(refused))
    cohort = await lists.get(COHORT_LIST, id=row.cohort_id)
    lacking = _lacking(found, cohort, date.max)
    if is_gone:  # It may have been forgotten before the leaving was recorded.
        return replace(steps, refused=frozenset({*refused, GoLive} if lacking else refused))
    needed: list[CommandKind] = [RecordTrialVerdict] if TRIAL in lacking else []
    if {*lacking} & {*EXAMS.values()}:
        needed.append(RecordExamResult)
    is_on_trial = row.status == "in_training" and not _passed_trial(found, date.max)
    unasked = (RecordTrialVerdict,) if is_on_trial and TRIAL not in lacking else ()
    if not lacking:
        return Steps((GoLive, *unasked), frozenset(refused))
    return Steps((*needed, *unasked), frozenset({*refused, GoLive}), GoLive, tuple(lacking))


def _passed_trial(who: Newcomer | None, by: date) -> bool:
    trial = in_force(who.trials, by) if who else None
    return trial is not None and trial.passed


def _lacking(who: Newcomer | None, cohort: CohortRow | None, by: date) -> list[str]:
    """What the gate asks for in a batch and is not passed by a day, in message ids."""
    lacking = [word for kind, word in EXAMS.items() if not (who and who.passed(kind, by))]
    is_asked_trial = cohort is not None and cohort.trial_required
    return [*lacking, TRIAL] if is_asked_trial and not _passed_trial(who, by) else lacking


async def _live_without(
    page: PageContext, thing: str, moment: Moment | None = None, without: int | None = None
) -> list[str]:
    """What a go-live lacks of its gate by now, in message ids: the gate is not asked again where
    evidence is corrected or withdrawn (decisions/0027). without: a fact that is left out."""
    reader = page.lists(moment)
    row, found = await reader.get(TRAINEE_LIST, id=thing), await reader.newcomers([thing])
    if row is None or (who := found.get(thing)) is None:
        return []
    cohort = await reader.get(COHORT_LIST, id=row.cohort_id)
    exams = tuple(exam for exam in who.exams if exam.fact != without)
    trials = tuple(trial for trial in who.trials if trial.fact != without)
    left = replace(who, exams=exams, trials=trials)
    lacking = (_lacking(left, cohort, live.on) for live in who.lives)
    return next(filter(None, lacking), [])


async def _warns_of_gate(page: PageContext, thing: str, fact: int) -> str | None:
    """Says that a go-live would lack something of its gate without a fact."""
    now = await _live_without(page, thing)
    lacking = await _live_without(page, thing, without=fact)
    return "form.live_rests_on" if len(lacking) > len(now) else None


async def _state(page: PageContext, thing: str, moment: Moment | None) -> NewcomerState | None:
    """What figures know of a trainee; None where they know nothing."""
    reader = page.lists(moment)
    newcomer = (await reader.newcomers([thing])).get(thing)
    if newcomer is None:
        return None
    scheme = Scheme(tuple(one.version for one in await reader.scheme_versions()))
    asked = question_at(moment, page.today)
    windows = Windows(scheme, asked.happened_by, ZoneInfo(page.principal.zone), asked.today)
    return state_of(newcomer, windows.of(newcomer), windows)


async def _remark(
    page: PageContext, thing: str, command: CommandKind, said: Mapping[str, Any]
) -> Remarked | None:
    """Why an order that was saved does not count, how many count no more, what a go-live lacks by
    now, or what may be meant or mistyped: that somebody entered before the batch opened, or left
    before orders were closed."""
    if command in _ENTER:
        lists = page.lists()
        row = await lists.get(TRAINEE_LIST, id=thing)
        cohort = await lists.get(COHORT_LIST, id=row.cohort_id) if row else None
        is_early = row and cohort and row.entered_on < cohort.opened_on
        return ("remark.before_opening", 1) if is_early else None
    if command in _SAY_LEAVING:
        who = (await page.lists().newcomers([thing])).get(thing)
        count = 0 if who is None else _closed_after_leaving(who)
        return ("remark.orders_after_leaving", count) if count else None
    if command in _SAY_EVIDENCE and (lacking := await _live_without(page, thing)):
        return (f"remark.live_without.{lacking[0].removeprefix('word.')}", 1)
    state = await _state(page, thing, None) if command in _SAY_ORDERS else None
    if state is None or not (state.window or has_entered(state.newcomer, state.day)):
        return None
    if state.window is None:
        return _idle(state) if command is WithdrawFact else ("remark.not_live", 1)
    if command is WithdrawFact:
        return None
    key = typed_key(said.get("order_no", ""))
    order = next((one for one in reversed(state.newcomer.orders) if one.no == key), None)
    rule = state.window.excludes(order) if order else None
    if rule is None and not state.employed and not state.ordered:
        rule = "left_before_cutoff"
    return (f"remark.{rule}", 1) if rule in _REMARKED else None


def _closed_after_leaving(who: Newcomer) -> int:
    """How many orders that are valid, and still the leaver's, were closed after the last day."""
    left_on = who.left_on or date.max
    return sum(
        one.closed_on > left_on and one.voided_on is None and one.reassigned_on is None
        for one in who.orders_by(date.max)
    )


def _idle(state: NewcomerState) -> Remarked | None:
    """How many valid orders count for nothing, since who closed them is not live."""
    count = sum(not one.is_voided(state.day) for one in state.newcomer.orders)
    return ("remark.orders_not_live", count) if count else None


async def _window(
    page: PageContext, row: TraineeRow, moment: Moment | None
) -> dict[str, Any] | None:
    """The days that count, which orders do, and what the go-live lacks; None before it, and where
    scores or orders may not be read."""
    for permission in (Permission.READ_SCORES, Permission.READ_ORDERS):
        if not await page.lists(moment).reaches(permission, TRAINEE_LIST, row.trainee_id):
            return None
    state = await _state(page, row.trainee_id, moment)
    if state is None or state.window is None:
        return None
    newcomer, window, day = state.newcomer, state.window, state.day
    latest = attrgetter("closed_on", "position")
    known = sorted(newcomer.orders_by(day), key=latest, reverse=True)
    orders = [(one, window.excludes(one), one.is_voided(day)) for one in known]
    query = page.request.query_params
    sought, start = typed_key(query.get("order", "")), start_of(query)
    if sought and "from" not in query:
        start = next((place for place, one in enumerate(known) if one.no == sought), 0)
        start -= start % ORDERS_SHOWN
    return {
        "window": window,
        "day": min((day - window.first_day).days + 1, window.rules.window_days),
        "state": state,
        "orders": slice_of(orders, start, ORDERS_SHOWN),
        "sought": sought,
        "lacking": await _live_without(page, row.trainee_id, moment),
    }


async def _found_by_order(
    page: PageContext, text: str, moment: Moment | None
) -> Sequence[FoundOtherwise]:
    """Who has the order of a number; there, the page where it stands among the orders. Nobody
    where the person may not read orders."""
    if not page.may(Permission.READ_ORDERS):
        return ()
    reader = page.lists(moment)
    order = await reader.get(ORDER_LIST, order_no=text)
    row = await reader.get(TRAINEE_LIST, id=order.trainee_id) if order else None
    if order is None or row is None:
        return ()
    address = f"{TRAINEES.address(row.trainee_id)}?{urlencode({'order': order.order_no})}"
    return (FoundOtherwise(address, TRAINEES.called(row)),)


async def _withdrawals(
    page: PageContext, thing: str, facts: Collection[int]
) -> Mapping[int, Happening | None]:
    # As the timeline, which asks for this, has read it just now.
    trainee = await page.app.log.aggregate(page.tenant, thing, fresh=False)
    return await withdrawals(page.principal, page.app.log, cast(Trainee, trainee), facts)


TRAINEES = Resource(
    listing=TRAINEE_LIST,
    aggregate=Trainee,
    named_in="employee_no",
    named_by="employee_no",
    title="name",
    opening=EnrolTrainee,
    is_numbered=True,
    commands=_COMMANDS,
    amendments=(
        Amendment(CorrectEnrolment, (Trainee.Enrolled, Trainee.EnrolmentCorrected)),
        Amendment(
            CorrectTrialVerdict,
            (Trainee.TrialPassed, Trainee.TrialFailed, Trainee.TrialCorrected),
            warns=_warns_of_gate,
        ),
        Amendment(
            CorrectExamResult,
            (
                Trainee.WrittenExamRecorded,
                Trainee.DrillRecorded,
                Trainee.MakeupMissed,
                Trainee.ExamCorrected,
            ),
            warns=_warns_of_gate,
        ),
        Amendment(CorrectGoLive, (Trainee.WentLive, Trainee.GoLiveCorrected)),
        Amendment(CorrectOrder, _ORDERS),
        Amendment(ReassignOrder, _ORDERS, restates=False, asks="employee_no"),
        Amendment(VoidOrder, _ORDERS, restates=False),
        Amendment(WithdrawComplaint, (Trainee.ComplaintFiled,), restates=False),
        Amendment(CorrectLeaving, _LEAVINGS),
        Amendment(WithdrawFact, _FACTS, restates=False, among=_withdrawals, warns=_warns_of_gate),
    ),
    steps=_steps,
    repeated=frozenset({"cohort", "entered_on", "post", "manager"}),
    apart=("cohort_code", "entered_on", "status"),
    sheet="roster",
    suggested=frozenset({"manager"}),
    found_otherwise=_found_by_order,
    remark=_remark,
    removing=frozenset(
        {RecordLeaving, EliminateTrainee, VoidOrder, WithdrawComplaint, WithdrawFact}
    ),
    final=frozenset({TransferTrainee, RejoinTrainee}),
    related=(
        Related(FOLLOW_UP_LIST, "trainee"),
        Related(ORDER_LIST, "trainee", is_told=False),
    ),
    sections=(Section("_window.html", _window, of=(NEWCOMERS, SCHEMES)),),
)
