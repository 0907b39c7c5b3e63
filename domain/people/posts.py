"""The posts (岗位) of a partner's people: what somebody is, not what they may do."""

from typing import Final, Literal, get_args

from domain.kernel.errors import Refusal

PostOfStaff = Literal[
    "sales",
    "channel_assistant",
    "customer_service",
    "training_manager",
    "training_specialist",
    "lecturer",
    "assistant",
    "hr_officer",
    "hr_manager",
    "supervisor",
    "project_lead",
    "general_manager",
    "party_representative",
    "other",
]
"""The first are trained for too (domain/trainees/events.py)."""

STAFF_POSTS: Final[tuple[str, ...]] = get_args(PostOfStaff)


def require_staff_post(post: str | None) -> None:
    """Requires that a post is one of the staff's, or that none is said. Refuses `post_unknown`."""
    if post is not None and post not in STAFF_POSTS:
        raise Refusal("post_unknown", field="post", post=post, posts=list(STAFF_POSTS))
