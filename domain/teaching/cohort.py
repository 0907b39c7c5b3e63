"""A batch (批次) of newcomers that is trained together (S10, S42, S114)."""

from datetime import date
from typing import Any

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainCreated,
    DomainEvent,
    Happening,
    StreamId,
    Withdrawal,
)
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import required


class Cohort(Aggregate):
    """The batch, the rules that its members pass, and who answers for it."""

    TOPIC = "cohort"

    class Opened(DomainCreated, Happening):
        """The class opened (开班).

        trial_required: nobody goes live without a passed trial post (试岗).
        """

        TOPIC = "cohort.opened"
        DAY = "opened_on"
        TAKES_EFFECT = True
        code: str
        name: str
        opened_on: date
        trial_required: bool = False
        training_manager_id: StreamId | None = None

    class OpeningCorrected(Correction):
        """The opening had been recorded wrong. The code stays: events of others say it too."""

        TOPIC = "cohort.opening_corrected"
        DAY = "opened_on"
        TAKES_EFFECT = True
        name: str
        opened_on: date
        trial_required: bool
        training_manager_id: StreamId | None = None

    class OpeningWithdrawn(Withdrawal):
        """The opening had been recorded by mistake: the batch never was, and its code is free."""

        TOPIC = "cohort.opening_withdrawn"

    class HandedOver(Happening):
        """Another training manager is the batch's head teacher (班主任) from a day on (S14)."""

        TOPIC = "cohort.handed_over"
        CHANGES = ("training_manager_id",)
        on: date
        training_manager_id: StreamId

    class HandoverCorrected(Correction, HandedOver):
        """The day or the new training manager of a handover had been recorded wrong."""

        TOPIC = "cohort.handover_corrected"

    class HandoverWithdrawn(Withdrawal):
        """The handover had been recorded by mistake: the batch was never handed over then."""

        TOPIC = "cohort.handover_withdrawn"

    # decides

    @classmethod
    def open(cls, cohort_id: str, **facts: Any) -> "Cohort":
        """Opens a batch. `facts`: the fields of Opened."""
        return cls._create(cls.Opened, id=cohort_id, **facts)

    def correct_opening(
        self,
        *,
        name: str | None,
        opened_on: date | None,
        trial_required: bool | None,
        training_manager_id: str | None,
        reason: str,
    ) -> None:
        """Corrects what is said; None: it stays. A blank id: nobody answered for it.

        Enrolments may lie before the day, as they may from the beginning: a roster opens its batch
        on the day of its first row, and who comes early is trained with it.
        """
        was = self.opening
        opened_on = opened_on or was.opened_on
        first = min((handover.on for handover in self.handovers), default=opened_on)
        self._require_opened(first, opened_on, field="opened_on")
        self.correct(
            self.OpeningCorrected,
            was,
            reason=reason,
            name=was.name if name is None else required(name, "name"),
            opened_on=opened_on,
            trial_required=was.trial_required if trial_required is None else trial_required,
            training_manager_id=(
                was.training_manager_id
                if training_manager_id is None
                else training_manager_id or None
            ),
        )

    def withdraw_opening(self, *, reason: str) -> None:
        """Withdraws all that is recorded of the batch, which nothing else may name."""
        if self.handovers.events:
            raise self._refuse("cohort_handed_over", "cohort", on=self.handovers.events[-1].on)
        self.withdraw(self.OpeningWithdrawn, self.opening, reason=reason)

    def hand_over(self, *, on: date, training_manager_id: str) -> None:
        """Hands the batch over; of one day's handovers the one recorded last holds."""
        self._require_handover(self.handovers, on, training_manager_id)
        self.trigger_event(self.HandedOver, on=on, training_manager_id=training_manager_id)

    def correct_handover(
        self,
        *,
        on: date,
        training_manager_id: str,
        reason: str,
        fact: int | None,
        was_on: date | None,
    ) -> None:
        was = self._handover(fact, was_on)
        self._require_handover(self.handovers.without(was.fact_id), on, training_manager_id)
        said = {"on": on, "training_manager_id": training_manager_id}
        self.correct(self.HandoverCorrected, was, reason=reason, **said)

    def withdraw_handover(self, *, reason: str, fact: int | None, was_on: date | None) -> None:
        self.withdraw(self.HandoverWithdrawn, self._handover(fact, was_on), reason=reason)

    def _handover(self, fact: int | None, was_on: date | None) -> HandedOver:
        found = self.handovers.find(fact=fact, was_on=was_on)
        if found is None:
            field = "was_on" if fact is None else "fact"
            raise NotFoundError("handover_unknown", field=field, code=self.code)
        return found

    def _require_handover(
        self, others: "Facts[Cohort.HandedOver]", on: date, training_manager_id: str
    ) -> None:
        """Requires that the batch can be handed over on a day. others: its other handovers."""
        self._require_opened(on, self.opening.opened_on, field="on")
        if training_manager_id == self._answering(others, on):
            raise self._refuse("handover_changes_nothing", "training_manager", on=on)

    def _require_opened(self, on: date, opened_on: date, *, field: str) -> None:
        if on < opened_on:
            raise self._refuse("handover_before_opening", field, opened_on=opened_on, on=on)

    def _refuse(self, code: str, field: str, **params: Any) -> Refusal:
        return Refusal(code, field=field, code=self.code, **params)

    # evolves

    def __init__(self, code: str) -> None:
        self.code = code
        self.opening: Cohort.Opened | Cohort.OpeningCorrected
        self.handovers: Facts[Cohort.HandedOver] = Facts()
        self._is_withdrawn = False

    @property
    def is_withdrawn(self) -> bool:
        return self._is_withdrawn

    @property
    def trial_required(self) -> bool:
        return self.opening.trial_required

    def answering_on(self, day: date) -> str | None:
        """Who answers for the batch on the evening of a day."""
        return self._answering(self.handovers, day)

    def _answering(self, handovers: "Facts[Cohort.HandedOver]", day: date) -> str | None:
        return (handovers.on(day) or self.opening).training_manager_id

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Cohort.Opened() | Cohort.OpeningCorrected():
                self.opening = event
            case Cohort.OpeningWithdrawn():
                self._is_withdrawn = True
            case Cohort.HandedOver():
                self.handovers = self.handovers.after(event)
            case Cohort.HandoverWithdrawn():
                self.handovers = self.handovers.without(event.fact)
