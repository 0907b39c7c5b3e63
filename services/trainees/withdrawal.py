"""The withdrawal of a fact that was recorded by mistake: it never was, and frees its number."""

from collections.abc import Collection
from typing import NamedTuple, cast

from domain.kernel.aggregate import Correction, Happening
from domain.kernel.errors import Refusal
from domain.kernel.values import number_key, required
from domain.trainees.events import (
    ComplaintFiled,
    Enrolled,
    ExamResult,
    MakeupMissed,
    OrderClosed,
    OrderEvent,
    OrderReassigned,
    OrderTakenOver,
    OrderVoided,
    Rejoined,
    SpotChecked,
    TrialJudged,
)
from domain.trainees.trainee import Trainee
from domain.trainees.withdrawal import resting, shared_with
from services.kernel import fields
from services.kernel.context import Principal
from services.kernel.handler import handler
from services.kernel.naming import Naming
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.work import Work
from services.trainees.follow_up import first_follow_up, is_followed_up
from services.trainees.selling import COMPLAINTS, ORDERS, holder_of, others_who_had
from services.trainees.trainee import TRAINEES
from services.trainees.whose import take_back, whose


class WithdrawFact(fields.Amending, frozen=True):
    """Withdraws a fact of a trainee that was recorded by mistake, with what was corrected of it.

    The trainee is named by the id, or by the employee number, which is the last enrolment's.
    """

    fact: fields.KnownFact
    reason: fields.Reason
    trainee_id: fields.TraineeId | None = None
    employee_no: fields.EmployeeNo | None = None


@handler
async def withdraw_fact(work: Work, command: WithdrawFact) -> str:
    """Withdraws a fact, of all of whom the same is recorded. Refuses
    `employee_no_missing`, `employee_no_of_another`, `enrolment_followed_up`."""
    no = command.employee_no
    if command.trainee_id is not None:
        trainee = await work.load(Trainee, command.trainee_id)
        if no and number_key(no) != number_key(trainee.employee_no):
            raise Refusal("employee_no_of_another", field="employee_no", employee_no=no)
    else:
        trainee = await TRAINEES.get(work, required(no or "", "employee_no"))
    fact = trainee.fact(command.fact)
    work.require(permission_of(fact))
    shared = await _others(work, trainee, fact)
    entered = [(one, one.employment.enrolled.entered_on) for one in (trainee, *shared)]
    trainee.withdraw_fact(fact=command.fact, reason=command.reason, shared=shared)
    if isinstance(fact, Enrolled) and (first := await first_follow_up(work, trainee.id)):
        code = first.opened.code
        raise trainee.employment.refuse("enrolment_followed_up", "fact", follow_up=code)
    await _free(work, fact, trainee)
    for stay, entered_on in entered:
        if stay.is_withdrawn:
            await take_back(work, await whose(work, stay), stay, entered_on, command.reason)
    return trainee.id


async def _others(work: Work, trainee: Trainee, fact: Happening) -> list[Trainee]:
    """The others of whom the same is recorded."""
    if isinstance(fact, OrderVoided):
        holder = await holder_of(work, fact.order_no)
        sellers = [holder, *await others_who_had(work, fact.order_no, holder)]
        return [seller for seller in sellers if seller.id != trainee.id]
    other = shared_with(fact)
    return [] if other is None else [await work.load(Trainee, other)]


def permission_of(fact: Happening) -> Permission:
    """What it takes to withdraw a fact: what it takes to record it."""
    if isinstance(fact, OrderEvent):
        return Permission.WRITE_ORDERS
    if isinstance(fact, TrialJudged | ExamResult | MakeupMissed | SpotChecked):
        return Permission.WRITE_SCORES
    return Permission.WRITE_TRAINEES


async def withdrawals(
    principal: Principal, log: Log, trainee: Trainee, among: Collection[int]
) -> dict[int, Happening | None]:
    """Those of a trainee's facts, by their ids, that one may withdraw, each with the last fact that
    rests on it and is to be withdrawn before; None where it can be withdrawn now."""
    rested_on = resting(trainee.known)
    found = dict[int, Happening | None]()
    for fact in trainee.known:
        is_asked = fact.fact_id in among and not isinstance(fact, Correction)
        if not is_asked or not principal.may(permission_of(fact)):
            continue
        if isinstance(fact, Enrolled) and await is_followed_up(principal, log, trainee.id):
            continue
        first, other = rested_on.get(fact.fact_id), shared_with(fact)
        if first is None and other is not None:
            shared = cast(Trainee, await log.aggregate(principal.tenant, other))
            its = shared.fact_shared_with(trainee, fact)
            first = resting(shared.known).get(its.fact_id)
        found[fact.fact_id] = first
    return found


class GivenNumber(NamedTuple):
    """A number that a fact gave to a trainee. before: who had it until then; None: nobody."""

    naming: Naming[Trainee]
    number: str
    before: str | None = None


def given_by(fact: Happening, employee_no: str) -> GivenNumber | None:
    """The number that goes back when a fact is withdrawn, if any. employee_no: of the trainee."""
    trainee_id = fact.originator_id
    match fact:
        case OrderClosed(order_no=no):
            return GivenNumber(ORDERS, no)
        case ComplaintFiled(complaint_no=no):
            return GivenNumber(COMPLAINTS, no)
        case OrderTakenOver(order_no=no, from_trainee_id=before):
            return GivenNumber(ORDERS, no, before)
        case OrderReassigned(order_no=no):
            return GivenNumber(ORDERS, no, trainee_id)
        case Enrolled(rejoins=before):
            return GivenNumber(TRAINEES, employee_no, before)
        case Rejoined():
            return GivenNumber(TRAINEES, employee_no, trainee_id)
    return None


async def _free(work: Work, fact: Happening, trainee: Trainee) -> None:
    """Gives the number of what is withdrawn back to who had it before, or to nobody."""
    if given := given_by(fact, trainee.employee_no):
        naming, number, before = given
        if before is None:
            await naming.release(work, number, trainee.id)
        else:
            naming.hand_over(work, number, before)
