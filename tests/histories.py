"""Random histories: steps of a partner's life as hypothesis draws them.

A step is drawn as four small numbers: what happens, to whom, how far its day lies off, and which of
its variants; tests/teller.py turns them into steps. A history that fails a test prints as the steps
that make it, and is one list that can be put among the examples.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.steps import Step
from tests.teller import FAR, Draw, Teller


def histories(
    most: int = 40,
    *,
    least: int = 4,
    pace: int = 1,
    whole_tenant: bool = True,
    coming_back: bool = False,
    kinds: Sequence[str] = (),
) -> st.SearchStrategy[list[Step]]:
    """Histories of 2 to 6 people in two batches.

    most, least: steps that are drawn; some say more than one thing. pace: days from one to the
    next. whole_tenant: with what concerns the whole tenant, its scheme and its submissions.
    coming_back: people have several stays, orders come back to their sellers, last days lie ahead.
    kinds: of what happens, where that is not everything.
    """
    more = (OF_THE_TENANT if whole_tenant else ()) + (COMING_BACK if coming_back else ())
    kinds = kinds or KINDS + more
    draw = st.builds(
        Draw,
        st.integers(0, len(kinds) - 1),
        st.integers(0, 5),
        st.integers(0, len(FAR) - 1),
        st.integers(0, 7),
    )

    def told(people: int, draws: Sequence[Draw]) -> list[Step]:
        return list(Teller(people, pace, kinds).tell(draws))

    return st.builds(told, st.integers(2, 6), st.lists(draw, min_size=least, max_size=most))


KINDS = (
    *("order", "exam", "enrol", "check", "check", "complain", "complain", "withdraw_complaint"),
    *("miss", "trial", "trial", "live", "live", "live", "live", "live", "live", "hold"),
    *("order", "order", "order", "order", "order", "order", "order", "order"),
    *("void", "void", "reassign", "reassign", "reassign", "leave", "leave", "eliminate"),
    *("correct_leaving", "withdraw", "withdraw", "rejoin", "come_back"),
    *("transfer", "transfer", "manager", "manager", "post"),
    *("follow_up", "follow_up", "change_follow_up", "change_follow_up"),
    *("plan_class", "plan_class", "change_class", "teach_class", "teach_class", "sum_up_class"),
    *("correct_class", "correct_class", "hand_over", "change_batch"),
    *("correct_enrolment", "correct_trial", "correct_exam", "correct_live", "correct_order"),
    "correct_before",
)
"""What happens, the usual more often than the rare; each is told by the teller's method."""

OF_THE_TENANT = ("publish_scheme", "publish_scheme", "submit", "submit", "submit")

OF_THE_STAFF = ("staff",)
"""Nothing else that happens has to do with it."""

COMING_BACK = (
    *("come_back", "come_back", "come_back", "come_back", "look_back", "look_back", "look_back"),
    *("to_and_fro", "to_and_fro", "give_notice", "hand_over", "hand_over", "manager", "post"),
    *("correct_stay", "correct_stay", "correct_before", "correct_before"),
)
"""What tries stays, attribution and days to come."""
