"""A batch (批次) of newcomers that is trained together (S10, S42, S114)."""

from datetime import date
from typing import Any

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent, Happening
from domain.kernel.errors import Refusal
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
        code: str
        name: str
        opened_on: date
        trial_required: bool = False
        training_manager: str | None = None

    class HandedOver(Happening):
        """Another training manager is the batch's head teacher (班主任) from a day on (S14)."""

        TOPIC = "cohort.handed_over"
        CHANGES = ("training_manager",)
        on: date
        training_manager: str

    # decides

    @classmethod
    def open(cls, cohort_id: str, *, training_manager: str | None = None, **facts: Any) -> "Cohort":
        """Opens a batch; a blank manager is none. `facts`: the other fields of Opened."""
        responsible = training_manager or None
        return cls._create(cls.Opened, id=cohort_id, training_manager=responsible, **facts)

    def hand_over(self, *, on: date, training_manager: str) -> None:
        """Hands the batch over; of one day's handovers the one recorded last holds."""
        required(training_manager, "training_manager")
        if on < self.opened_on:
            raise self._refuse("handover_before_opening", "on", opened_on=self.opened_on, on=on)
        last = self.handovers.on(on)
        if training_manager == (last.training_manager if last else self.training_manager):
            raise self._refuse("handover_changes_nothing", "training_manager", on=on)
        self.trigger_event(self.HandedOver, on=on, training_manager=training_manager)

    def _refuse(self, code: str, field: str, **params: Any) -> Refusal:
        return Refusal(code, field=field, code=self.code, **params)

    # evolves

    def __init__(
        self, code: str, opened_on: date, trial_required: bool, training_manager: str | None
    ) -> None:
        self.code = code
        self.opened_on = opened_on
        self.trial_required = trial_required
        self.training_manager = training_manager
        self.handovers: Facts[Cohort.HandedOver] = Facts()

    def evolve(self, event: DomainEvent) -> None:
        if isinstance(event, Cohort.HandedOver):
            self.handovers = self.handovers.after(event)
