"""Being with the company: under whom, until when, and once more after having left."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Final, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.aggregate import Happening
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.facts import Facts
from domain.trainees.events import (
    POSTS,
    Enrolled,
    EnrolmentCorrected,
    Leaving,
    ManagerChanged,
    PostChanged,
    Rejoined,
)

CORRECTED: Final = ("entered_on", "post", "manager_id")
"""What a correction of the enrolment says anew."""

EmploymentEvent = EnrolmentCorrected | ManagerChanged | PostChanged | Leaving | Rejoined

E = TypeVar("E", bound=Happening)


class Employment(Struct, frozen=True):
    """The enrolment as corrected, the managers and posts that followed, and the end, if there is
    one. rejoined_as: the id of the stay after."""

    enrolled: Enrolled
    managers: Facts[ManagerChanged] = Facts()
    posts: Facts[PostChanged] = Facts()
    leaving: Leaving | None = None
    rejoined_as: str | None = None

    @property
    def left_on(self) -> date | None:
        """The last day worked."""
        return self.leaving.on if self.leaving else None

    def is_of(self, day: date) -> bool:
        """Whether somebody is with the company on a day."""
        return self.enrolled.entered_on <= day <= (self.left_on or date.max)

    def manager_on(self, day: date) -> str | None:
        """The id of the manager on the evening of a day."""
        changed = self.managers.on(day)
        return changed.manager_id if changed else self.enrolled.manager_id

    def post_on(self, day: date) -> str:
        """The post on the evening of a day."""
        changed = self.posts.on(day)
        return changed.post if changed else self.enrolled.post

    def days(self) -> Iterator[date]:
        """The days of what happened after the enrolment."""
        yield from (changed.on for changed in (*self.managers, *self.posts))
        if self.leaving is not None:
            yield self.leaving.on

    # decides

    def refuse(self, code: str, /, field: str = "on", **params: object) -> Refusal:
        return Refusal(code, field=field, employee_no=self.enrolled.employee_no, **params)

    def require_enrolled(self, on: date, field: str = "on") -> None:
        entered_on = self.enrolled.entered_on
        if on < entered_on:
            raise self.refuse("before_enrolment", field, entered_on=entered_on, on=on)

    def require_employed(self, on: date, field: str = "on") -> None:
        self.require_enrolled(on, field)
        if self.left_on is not None and on > self.left_on:
            raise self.refuse("after_leaving", field, left_on=self.left_on, on=on)

    def require_other_manager(self, on: date, manager_id: str | None) -> None:
        self.require_employed(on)
        if manager_id == self.manager_on(on):
            code = "manager_unchanged" if manager_id else "no_manager_already"
            raise self.refuse(code, "manager")

    def require_other_post(self, on: date, post: str) -> None:
        require_post(post)
        self.require_employed(on)
        if post == self.post_on(on):
            raise self.refuse("post_unchanged", "post")

    def require_staying(self) -> None:
        if self.left_on is not None:
            raise self.refuse("already_left", "employee_no", on=self.left_on)

    def require_fact(
        self, facts: Facts[E], unknown: str, *, fact: int | None = None, was_on: date | None = None
    ) -> E:
        """The fact that is meant, see Which. unknown: the code where there is none of the day."""
        found = facts.find(fact=fact, was_on=was_on)
        if found is not None:
            return found
        params = {"employee_no": self.enrolled.employee_no}
        if fact is not None:
            raise NotFoundError("fact_unknown", field="fact", fact=fact, **params)
        raise NotFoundError(unknown, field="was_on", on=was_on, **params)

    def require_left(self) -> Leaving:
        """The leaving. Refuses `not_left`."""
        if self.leaving is None:
            raise self.refuse("not_left", "employee_no")
        return self.leaving

    def require_left_on(self, on: date, before: date) -> None:
        """Requires that a last day lies before the day on which the same person enters again."""
        if on >= before:
            raise self.refuse("leaves_after_rejoining", entered_on=before, on=on)

    def require_left_before(self, on: date) -> None:
        left_on = self.require_left().on
        if on <= left_on:
            raise self.refuse("rejoins_before_leaving", "entered_on", left_on=left_on, on=on)

    def require_entered(self, on: date, others: Iterable[Iterable[date]]) -> None:
        """Requires that nothing is recorded from before the day of entering. others: the days of
        what else is recorded."""
        first = min(chain(self.days(), *others), default=on)
        if on > first:
            code = "recorded_before_enrolment"
            raise self.refuse(code, "entered_on", entered_on=on, on=first)

    def require_over_before(self, day: date, others: Iterable[Iterable[date]]) -> None:
        """Requires having left before a day, and that nothing is recorded from it on: it would be
        of the stay that begins on it. others: the days of what else is recorded."""
        self.require_left_before(day)
        last = max(chain(self.days(), *others))
        if last >= day:
            code = "recorded_after_rejoining"
            raise self.refuse(code, "entered_on", entered_on=day, on=last)

    # evolves

    def evolve(self, event: EmploymentEvent) -> Self:
        match event:
            case EnrolmentCorrected():
                said = {name: getattr(event, name) for name in CORRECTED}
                return replace(self, enrolled=dataclasses.replace(self.enrolled, **said))
            case ManagerChanged():
                return replace(self, managers=self.managers.after(event))
            case PostChanged():
                return replace(self, posts=self.posts.after(event))
            case Leaving():
                return replace(self, leaving=event)
            case Rejoined(as_trainee_id=later):
                return replace(self, rejoined_as=later)


def require_post(post: str) -> None:
    if post not in POSTS:
        raise Refusal("post_unknown", field="post", post=post, posts=list(POSTS))
