"""A batch (批次) of newcomers that is trained together (S10, S42, S114)."""

from datetime import date

from eventsourcing.domain import event

from domain.kernel.aggregate import Aggregate, DomainCreated
from domain.kernel.errors import Refusal


class Cohort(Aggregate):
    """The batch, the rules that its members pass, and who answers for it."""

    TOPIC = "cohort"

    class Opened(DomainCreated):
        """The class opened (开班)."""

        TOPIC = "cohort.opened"
        code: str
        name: str
        opened_on: date
        trial_required: bool = False
        training_manager: str | None = None

    class HandedOver(Aggregate.Event):
        """Another training manager is the batch's head teacher (班主任) from a day on (S14)."""

        TOPIC = "cohort.handed_over"
        on: date
        training_manager: str

    # decides

    @classmethod
    def open(
        cls,
        cohort_id: str,
        *,
        code: str,
        name: str,
        opened_on: date,
        trial_required: bool,
        training_manager: str | None = None,
    ) -> "Cohort":
        """A new batch; `trial_required`: nobody goes live without a passed trial post (试岗)."""
        return cls._create(
            cls.Opened,
            id=cohort_id,
            code=code,
            name=name,
            opened_on=opened_on,
            trial_required=trial_required,
            training_manager=training_manager,
        )

    def hand_over(self, *, on: date, training_manager: str) -> None:
        """Exactly one answers for the batch at a time; of one day's the one recorded last.

        Refuses `handover_before_opening`, `handover_changes_nothing`.
        """
        if on < self.opened_on:
            raise Refusal(
                "handover_before_opening",
                field="on",
                code=self.code,
                opened_on=self.opened_on,
                on=on,
            )
        if self._training_manager_on(on) == training_manager:
            raise Refusal(
                "handover_changes_nothing", field="training_manager", code=self.code, on=on
            )
        self.trigger_event(self.HandedOver, on=on, training_manager=training_manager)

    def _training_manager_on(self, day: date) -> str | None:
        return [name for since, name in self.handovers if since <= day][-1]

    # evolves

    @event(Opened)
    def __init__(
        self, code: str, opened_on: date, trial_required: bool, training_manager: str | None
    ) -> None:
        self.code = code
        self.opened_on = opened_on
        self.trial_required = trial_required
        self.handovers: list[tuple[date, str | None]] = [(opened_on, training_manager)]

    @event(HandedOver)
    def _handed_over(self, on: date, training_manager: str) -> None:
        self.handovers.append((on, training_manager))
        self.handovers.sort(key=lambda handover: handover[0])
