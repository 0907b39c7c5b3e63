"""The batch, and going live on the post and being held off it, by turns (S36, S42)."""

from collections.abc import Iterator
from datetime import date
from typing import Self, Unpack

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.facts import Facts
from domain.trainees.employment import Employment
from domain.trainees.events import CohortTransferred, HeldOffPost, WentLive, Which


class Placement(Struct, frozen=True):
    """The batches of a trainee after the first, and the steps onto the post and off it.

    steps: their days are in the order of recording, and no two of a kind follow each other.
    """

    transfers: Facts[CohortTransferred] = Facts()
    steps: Facts[WentLive | HeldOffPost] = Facts()

    @property
    def lives(self) -> Facts[WentLive]:
        return Facts(tuple(step for step in self.steps if isinstance(step, WentLive)))

    @property
    def live_on(self) -> date | None:
        """The day of the first go-live."""
        return next((step.on for step in self.steps if isinstance(step, WentLive)), None)

    def days(self) -> Iterator[date]:
        yield from (step.on for step in self.steps)
        yield from (moved.on for moved in self.transfers)

    # decides

    def require_transfer(self, who: Employment, on: date, cohort_id: str, code: str) -> None:
        who.require_employed(on)
        if self.live_on is not None and on >= self.live_on:
            raise who.refuse("batch_fixed", live_on=self.live_on)
        moved = self.transfers.on(on)
        if cohort_id == (moved or who.enrolled).cohort_id:
            raise who.refuse("already_in_cohort", "cohort", code=code)

    def require_go_live(self, who: Employment, on: date) -> None:
        last = self.steps.last
        if isinstance(last, WentLive):
            raise who.refuse("already_live", on=last.on)
        self._require_turn(who, last, on)

    def require_go_live_of(self, who: Employment, on: date, **which: Unpack[Which]) -> WentLive:
        """The go-live that is meant, if `on` can be its day instead."""
        live = who.require_fact(self.lives, "go_live_unknown", **which)
        steps = self.steps.events
        place = steps.index(live)
        self._require_turn(who, steps[place - 1] if place else None, on)
        if place + 1 < len(steps) and on > steps[place + 1].on:
            raise who.refuse("after_hold", held_on=steps[place + 1].on, on=on)
        return live

    def require_hold(self, who: Employment, on: date) -> None:
        """Requires that the trainee may be held off the post; also before the first go-live."""
        last = self.steps.last
        if isinstance(last, HeldOffPost):
            raise who.refuse("already_held", on=last.on)
        who.require_employed(on)
        if last is not None and on < last.on:
            raise who.refuse("held_before_live", live_on=last.on, on=on)

    def require_last_day(self, who: Employment, on: date) -> None:
        who.require_enrolled(on)
        for live in self.lives:
            if on < live.on:
                raise who.refuse("leaves_before_live", live_on=live.on, on=on)

    def require_been_live(self, who: Employment, on: date) -> None:
        who.require_employed(on)
        if self.live_on is None or on < self.live_on:
            raise who.refuse("not_live_yet", on=on)

    def require_trial(self, who: Employment, on: date) -> None:
        """Requires that a trial may be judged on a day: not later than the go-live."""
        is_live = isinstance(self.steps.on(on), WentLive)
        if is_live and all(live.on != on for live in self.lives):
            raise who.refuse("already_live", on=self.live_on)

    def _require_turn(
        self, who: Employment, before: WentLive | HeldOffPost | None, on: date
    ) -> None:
        who.require_employed(on)
        moved_on = max((moved.on for moved in self.transfers), default=None)
        if moved_on is not None and on < moved_on:
            raise who.refuse("before_transfer", transferred_on=moved_on, on=on)
        if before is not None and on < before.on:
            raise who.refuse("before_hold", held_on=before.on, on=on)

    # evolves

    def evolve(self, event: CohortTransferred | WentLive | HeldOffPost) -> Self:
        match event:
            case CohortTransferred():
                return replace(self, transfers=self.transfers.after(event))
            case WentLive() | HeldOffPost():
                return replace(self, steps=self.steps.after(event))
