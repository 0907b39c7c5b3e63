"""What a fact of a trainee rests on, and so which facts can be withdrawn.

Facts rest on each other along a thread, each on those recorded before it: the steps onto the post
and off it, what became of an order or a complaint, the leaving and the coming back. From a thread
the last fact can be withdrawn, and the enrolment when nothing else is left. The gate is not asked
again, as it is not when evidence is corrected.
"""

from collections.abc import Iterable, Sequence

from domain.kernel.aggregate import Correction, Happening
from domain.trainees.events import (
    ComplaintEvent,
    Enrolled,
    HeldOffPost,
    Leaving,
    OrderClosed,
    OrderCorrected,
    OrderEvent,
    OrderReassigned,
    OrderTakenOver,
    OrderVoided,
    Rejoined,
    WentLive,
)

ENROLMENT = ("enrolment", None)
"""The thread of the enrolment, to which all others belong too."""


def resting(known: Sequence[Happening]) -> dict[int, Happening]:
    """The facts on which others rest, by their ids, each with the last that rests on it.

    known: all that are known of the trainee, in order.
    """
    found: dict[int, Happening] = {}
    last: dict[tuple[str, str | None], Happening] = {}
    for one in reversed(known):
        if isinstance(one, Correction):
            continue
        thread = _thread(one)
        later = last.setdefault(thread, one) if thread else one
        if later is not one:
            found[one.fact_id] = later
        last.setdefault(ENROLMENT, one)
    return found


def last_resting_on(fact: Happening, known: Sequence[Happening]) -> Happening | None:
    """The last fact that rests on another, if any. On what was corrected of an order rests what
    became of the order since."""
    if not isinstance(fact, OrderCorrected):
        return resting(known).get(fact.fact_id)
    for one in reversed(known):
        is_later = one.originator_version > fact.originator_version
        if is_later and not isinstance(one, Correction) and _thread(one) == _thread(fact):
            return one
    return None


def without(known: Iterable[Happening], fact: int) -> list[Happening]:
    """The facts without a withdrawn one and what was corrected of it; what was corrected of an
    order is true of it while another entry of it stands."""
    left = [one for one in known if one.fact_id != fact or isinstance(one, OrderCorrected)]
    closed = (one for one in left if isinstance(one, OrderClosed | OrderTakenOver))
    entered = {one.order_no for one in closed if not isinstance(one, Correction)}
    return [one for one in left if not isinstance(one, OrderCorrected) or one.order_no in entered]


def shared_with(fact: Happening) -> str | None:
    """The trainee of whom the same is recorded from the other side; None where there is none."""
    match fact:
        case (
            Enrolled(rejoins=other)
            | Rejoined(as_trainee_id=other)
            | OrderReassigned(to_trainee_id=other)
            | OrderTakenOver(from_trainee_id=other)
        ):
            return other
    return None


def same_as(fact: Happening, known: Sequence[Happening], other: str) -> Happening | None:
    """What is known of a trainee by which the same is said as by a fact of another one."""
    for one in reversed(known):
        is_void = isinstance(one, OrderVoided) and isinstance(fact, OrderVoided)
        if (is_void or shared_with(one) == other) and number_of(one) == number_of(fact):
            return one
    return None


def said_last(fact: Happening, known: Sequence[Happening]) -> Happening:
    """A fact as it was corrected last."""
    said = (one for one in reversed(known) if one.amends(fact))
    return next((one for one in said if one.DAY == fact.DAY), fact)


def number_of(fact: Happening) -> str | None:
    """The number of the order or the complaint that a fact is about."""
    if isinstance(fact, OrderEvent):
        return fact.order_no
    return fact.complaint_no if isinstance(fact, ComplaintEvent) else None


def _thread(fact: Happening) -> tuple[str, str | None] | None:
    """What the fact belongs to together with those that it rests on, if any."""
    match fact:
        case Enrolled():
            return ENROLMENT
        case WentLive() | HeldOffPost():
            return ("post", None)
        case Leaving() | Rejoined():
            return ("employment", None)
    if (number := number_of(fact)) is None:
        return None
    return ("order" if isinstance(fact, OrderEvent) else "complaint", number)
