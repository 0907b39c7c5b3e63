"""What a fact of a trainee rests on, and so which facts can be withdrawn.

Facts rest on each other along a thread, each on those recorded before it: the steps onto the post
and off it, what became of an order or a complaint, the leaving and the coming back. From a thread
the last fact can be withdrawn, and the enrolment when nothing else is left. The gate is not asked
again, as it is not when evidence is corrected.
"""

from collections.abc import Iterable, Sequence

from domain.kernel.aggregate import Correction, Happening
from domain.trainees.events import (
    ComplaintFiled,
    ComplaintWithdrawn,
    Enrolled,
    HeldOffPost,
    Leaving,
    OrderClosed,
    OrderCorrected,
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
        case Enrolled(rejoins=other):
            return other
        case Rejoined(as_trainee_id=other):
            return other
        case OrderReassigned(to_trainee_id=other):
            return other
        case OrderTakenOver(from_trainee_id=other):
            return other
    return None


def number_of(fact: Happening) -> str | None:
    """The number of the order or the complaint that a fact is about."""
    match fact:
        case OrderClosed() | OrderTakenOver() | OrderReassigned() | OrderVoided():
            return fact.order_no
        case ComplaintFiled() | ComplaintWithdrawn():
            return fact.complaint_no
    return None


def _thread(fact: Happening) -> tuple[str, str | None] | None:
    """What the fact belongs to together with those that it rests on, if any."""
    match fact:
        case Enrolled():
            return ENROLMENT
        case WentLive() | HeldOffPost():
            return ("post", None)
        case OrderClosed() | OrderTakenOver() | OrderReassigned() | OrderVoided():
            return ("order", fact.order_no)
        case ComplaintFiled() | ComplaintWithdrawn():
            return ("complaint", fact.complaint_no)
        case Leaving() | Rejoined():
            return ("employment", None)
    return None
